-- migration: alter_sync = 2, distributed_ddl_task_timeout = 25, distributed_foreground_insert = 1, insert_quorum = auto, insert_quorum_parallel = 0, insert_quorum_timeout = 20000, parallel_distributed_insert_select = 0, select_sequential_consistency = 1, skip_unavailable_shards = 0
-- write: distributed_ddl_task_timeout = 25, distributed_foreground_insert = 1, insert_quorum = auto, insert_quorum_parallel = 0, insert_quorum_timeout = 20000, parallel_distributed_insert_select = 0, select_sequential_consistency = 1, skip_unavailable_shards = 0
-- maintenance: alter_sync = 0, distributed_ddl_task_timeout = 25, distributed_foreground_insert = 1, insert_quorum = auto, insert_quorum_parallel = 0, insert_quorum_timeout = 20000, optimize_skip_merged_partitions = 1, parallel_distributed_insert_select = 0, select_sequential_consistency = 1, skip_unavailable_shards = 0
-- read: force_optimize_skip_unused_shards = 1, optimize_skip_unused_shards = 1, select_sequential_consistency = 1, skip_unavailable_shards = 0
-- requestAudit: distributed_ddl_task_timeout = 25, distributed_foreground_insert = 1, parallel_distributed_insert_select = 0, skip_unavailable_shards = 0

---- the ledger

-- migration
SELECT name, argMax(checksum, applied_at) AS checksum FROM {database:Identifier}.analytics_migrations GROUP BY name
SETTINGS log_comment = 'read_ledger'
FORMAT JSONEachRow;

-- migration
CREATE DATABASE IF NOT EXISTS `analytics` ON CLUSTER `analytics_cluster`;

-- migration
CREATE TABLE IF NOT EXISTS `analytics`.analytics_migrations ON CLUSTER `analytics_cluster`
(
    name String,
    checksum String,
    applied_at DateTime64(3) DEFAULT now64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_migrations/all', '{shard}-{replica}')
ORDER BY name;

-- migration
SELECT engine_full AS engine FROM system.tables WHERE database = {database:String} AND name = 'analytics_migrations'
SETTINGS log_comment = 'read_ledger_engine'
FORMAT JSONEachRow;

-- migration
INSERT INTO {database:Identifier}.analytics_migrations (name, checksum) SELECT {name:String}, {checksum:String}
SETTINGS log_comment = 'write_ledger', async_insert = 0;

---- the fence

-- write
INSERT INTO analytics_writers
  SELECT {writer:String}, if(max(epoch) = 18446744073709551615, max(epoch), greatest(max(epoch) + 1, toUInt64(toUnixTimestamp64Milli(now64(3)))))
  FROM analytics_writers WHERE writer = {writer:String}
SETTINGS log_comment = 'begin_epoch', async_insert = 0;

-- write
SELECT toString((SELECT max(epoch) FROM analytics_writers WHERE writer =  {writer:String})) AS epoch
SETTINGS log_comment = 'read_epoch'
FORMAT JSONEachRow;

-- write
KILL QUERY ON CLUSTER `analytics_cluster` WHERE startsWith(initial_query_id, {prefix:String}) SYNC;

-- write
SELECT query_id FROM clusterAllReplicas('analytics_cluster', system.processes) WHERE startsWith(initial_query_id, {prefix:String})
SETTINGS log_comment = 'find_running_inserts'
FORMAT JSONEachRow;

-- write
SELECT path FROM system.zookeeper WHERE name = 'status' AND path IN (SELECT concat(path, '/', name, '/quorum') FROM system.zookeeper WHERE path IN ('/clickhouse/tables/analytics_cluster/analytics/analytics_events_local', '/clickhouse/tables/analytics_cluster/analytics/analytics_names_local', '/clickhouse/tables/analytics_cluster/analytics/analytics_surrogate_ids_local', '/clickhouse/tables/analytics_cluster/analytics/analytics_message_facts_local'))
SETTINGS log_comment = 'find_quorum_inserts'
FORMAT JSONEachRow;

-- write
SELECT serverTimezone() AS name
SETTINGS log_comment = 'read_time_zone'
FORMAT JSONEachRow;

-- write
SELECT number, tupleElement(min(settings), 'rules_version') AS rulesVersion, tupleElement(min(settings), 'rules') AS rulesText, max(state) AS stateNumber
  FROM analytics_facts_versions GROUP BY number ORDER BY number
SETTINGS log_comment = 'read_facts_versions', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT 1 AS found FROM analytics_events LIMIT 1
SETTINGS log_comment = 'has_events'
FORMAT JSONEachRow;

-- write
INSERT INTO analytics_facts_versions (number, settings, state)
  SELECT {number:UInt32}, tuple({rulesVersion:UInt32}, {rulesText:String}), {state:UInt32}
SETTINGS log_comment = 'write_facts_version', async_insert = 0;

---- lookups

-- write
SELECT tenant_id, toString(contact_hash) AS contact_hash, toUnixTimestamp64Milli(erased_at) AS erased_at
  FROM analytics_erasures WHERE erased_at >= fromUnixTimestamp64Milli({since:Int64})
SETTINGS log_comment = 'load_erasures', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE id IN (SELECT reinterpret(substring(unhex({ids:String}), number * 16 + 1, 16), 'UUID') FROM numbers({count:UInt32}))
SETTINGS log_comment = 'find_stored_ids'
FORMAT JSONEachRow;

-- write
SELECT toString(id) AS id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, metadata, toUnixTimestamp64Milli(occurred_at) AS occurred_at, step_number, enrollment_id
  FROM analytics_events AS events
  WHERE events.tenant_id IN {tenants:Array(String)} AND indexHint((events.tenant_id, events.event_type, events.occurred_at) IN (
    WITH unhex({keys:String}) AS given
    SELECT
      {tenants:Array(String)}[reinterpretAsUInt32(substring(given, number * 16 + 1, 4))],
      {types:Array(String)}[reinterpretAsUInt32(substring(given, number * 16 + 5, 4))],
      fromUnixTimestamp64Milli(reinterpretAsInt64(substring(given, number * 16 + 9, 8)))
    FROM numbers({count:UInt32}))) AND events.id IN (SELECT reinterpret(substring(unhex({ids:String}), number * 16 + 1, 16), 'UUID') FROM numbers({count:UInt32}))
SETTINGS log_comment = 'find_stored_rows_at_keys', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

---- the index of stored ids

-- write
SELECT DISTINCT toString(events.id) AS stored_id
  FROM analytics_events AS events
  WHERE indexHint((events.tenant_id, events.event_type, events.occurred_at) IN (
    WITH unhex({keys:String}) AS given
    SELECT
      {tenants:Array(String)}[reinterpretAsUInt32(substring(given, number * 16 + 1, 4))],
      {types:Array(String)}[reinterpretAsUInt32(substring(given, number * 16 + 5, 4))],
      fromUnixTimestamp64Milli(reinterpretAsInt64(substring(given, number * 16 + 9, 8)))
    FROM numbers({count:UInt32}))) AND events.id IN (SELECT reinterpret(substring(unhex({ids:String}), number * 16 + 1, 16), 'UUID') FROM numbers({count:UInt32}))
SETTINGS log_comment = 'find_stored_ids_at_keys'
FORMAT JSONEachRow;

-- write
SELECT count() AS rows FROM analytics_events
SETTINGS log_comment = 'count_stored_ids', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT toUInt64(bitShiftRight(reinterpretAsUInt128(id), 64)) FROM analytics_events WHERE id >= toUUID({from:String}) AND id <= toUUID({to:String})
SETTINGS log_comment = 'read_range_of_stored_ids', max_threads = 1 FORMAT RowBinary;

---- inserts

-- write
INSERT INTO analytics_names (tenant_id, kind, id, latest) SELECT tenant_id, kind, id, latest FROM input('tenant_id String, kind LowCardinality(String), id String, latest SimpleAggregateFunction(max, Tuple(occurred_at DateTime64(3), name String))') WHERE throwIf((SELECT max(epoch) FROM analytics_writers WHERE writer = 'analytics') > 7) = 0 SETTINGS log_comment = 'insert_analytics_names', async_insert = 0, insert_deduplicate = 0, max_insert_threads = 1, max_insert_block_size = 1000000, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000 FORMAT Native;

-- write
SELECT toString(id_hash) AS hash, min(surrogate_id) AS assigned_id
  FROM analytics_surrogate_ids WHERE tenant_id IN {tenants:Array(String)} AND id_hash IN {hashes:Array(UUID)}
  GROUP BY id_hash
SETTINGS log_comment = 'find_surrogate_ids'
FORMAT JSONEachRow;

-- write
SELECT tenant_id, max(surrogate_id) AS highest_id
  FROM analytics_surrogate_ids WHERE tenant_id IN {tenants:Array(String)}
  GROUP BY tenant_id
SETTINGS log_comment = 'find_highest_surrogate_ids'
FORMAT JSONEachRow;

-- write
INSERT INTO analytics_surrogate_ids (tenant_id, id_hash, surrogate_id) SELECT tenant_id, id_hash, surrogate_id FROM input('tenant_id String, id_hash UUID, surrogate_id UInt32') WHERE throwIf((SELECT max(epoch) FROM analytics_writers WHERE writer = 'analytics') > 7) = 0 SETTINGS log_comment = 'insert_analytics_surrogate_ids', async_insert = 0, insert_deduplicate = 0, max_insert_threads = 1, max_insert_block_size = 1000000, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000 FORMAT Native;

-- write
INSERT INTO analytics_events (id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, metadata, occurred_at, step_number, enrollment_id, surrogate_id, recipient_domain, link, bounce_class) SELECT id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, metadata, occurred_at, step_number, enrollment_id, surrogate_id, recipient_domain, link, bounce_class FROM input('id UUID, tenant_id String, event_type LowCardinality(String), entity_type LowCardinality(String), entity_id String, channel LowCardinality(String), contact_id Nullable(String), user_id Nullable(String), source_type LowCardinality(String), source_id Nullable(String), campaign_id Nullable(String), workflow_id Nullable(String), sequence_id Nullable(String), template_id Nullable(String), metadata String, occurred_at DateTime64(3), step_number Nullable(UInt32), enrollment_id Nullable(String), surrogate_id UInt32, recipient_domain Nullable(String), link Nullable(String), bounce_class LowCardinality(Nullable(String))') WHERE throwIf((SELECT max(epoch) FROM analytics_writers WHERE writer = 'analytics') > 7) = 0 SETTINGS log_comment = 'insert_analytics_events', async_insert = 0, insert_deduplicate = 0, max_insert_threads = 1, max_insert_block_size = 1000000, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000 FORMAT Native;

---- the facts of messages

-- write
SELECT toString(message_hash) AS hash, toUnixTimestamp64Milli(sent_at) AS at
  FROM analytics_message_facts WHERE message_hash IN (SELECT reinterpretAsUInt64(substring(unhex({hashes:String}), number * 8 + 1, 8)) FROM numbers({count:UInt32}))
  GROUP BY message_hash, sent_at HAVING sum(sign) > 0
SETTINGS log_comment = 'find_message_places', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT tenant_id, toUnixTimestamp64Milli(facts.sent_at) AS sent_at, message_id, any(channel) AS channel, any(contact_id) AS contact_id, any(source_type) AS source_type,
    any(source_id) AS source_id, any(campaign_id) AS campaign_id, any(workflow_id) AS workflow_id, any(sequence_id) AS sequence_id, any(template_id) AS template_id,
    any(recipient_domain) AS recipient_domain, state, any(opens) AS opens, any(clicks) AS clicks, any(unknown_events) AS unknown_events, any(open_delay) AS open_delay,
    any(click_delay) AS click_delay, any(opened_after) AS opened_after, any(clicked_after) AS clicked_after, any(human_opened_after) AS human_opened_after,
    any(human_clicked_after) AS human_clicked_after, any(delivered_after) AS delivered_after, any(disordered) AS disordered,
    toUnixTimestamp64Milli(any(facts.last_event_at)) AS last_event_at, any(action_classes) AS action_classes,
    lower(hex(events)) AS events_hex
  FROM analytics_message_facts AS facts
  WHERE facts.rules = {rules:UInt32} AND facts.message_hash IN (SELECT reinterpretAsUInt64(substring(unhex({hashes:String}), number * 8 + 1, 8)) FROM numbers({count:UInt32})) AND indexHint((facts.tenant_id, facts.rules, facts.sent_at, facts.message_id) IN (
    SELECT key.1, {rules:UInt32}, fromUnixTimestamp64Milli(key.2), key.3
    FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {times:Array(Int64)}, {messages:Array(String)})) AS key)))
  GROUP BY tenant_id, rules, facts.sent_at, message_id, state, facts.events HAVING sum(sign) > 0
SETTINGS log_comment = 'find_message_facts', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
INSERT INTO analytics_message_facts (tenant_id, rules, sent_at, message_id, message_hash, sign, channel, contact_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, recipient_domain, state, opens, clicks, unknown_events, open_delay, click_delay, opened_after, clicked_after, human_opened_after, human_clicked_after, delivered_after, disordered, last_event_at, events, action_classes) SELECT tenant_id, rules, sent_at, message_id, message_hash, sign, channel, contact_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, recipient_domain, state, opens, clicks, unknown_events, open_delay, click_delay, opened_after, clicked_after, human_opened_after, human_clicked_after, delivered_after, disordered, last_event_at, events, action_classes FROM input('tenant_id String, rules UInt32, sent_at DateTime64(3), message_id String, message_hash UInt64, sign Int8, channel LowCardinality(String), contact_id Nullable(String), source_type LowCardinality(String), source_id Nullable(String), campaign_id Nullable(String), workflow_id Nullable(String), sequence_id Nullable(String), template_id Nullable(String), recipient_domain Nullable(String), state UInt32, opens UInt32, clicks UInt32, unknown_events UInt32, open_delay Int64, click_delay Int64, opened_after Int64, clicked_after Int64, human_opened_after Int64, human_clicked_after Int64, delivered_after Int64, disordered UInt32, last_event_at DateTime64(3), events String, action_classes UInt32') WHERE throwIf((SELECT max(epoch) FROM analytics_writers WHERE writer = 'analytics') > 7) = 0 SETTINGS log_comment = 'insert_analytics_message_facts', async_insert = 0, insert_deduplicate = 0, max_insert_threads = 1, max_insert_block_size = 1000000, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000 FORMAT Native;

---- versions of the facts of messages

-- write
SELECT number, tenant_partition, latest.1 AS revision, latest.2 AS wanted, latest.3 AS position, latest.4 AS events, latest.5 AS events_done, latest.6 AS is_complete,
    latest.7 AS written_until
  FROM (
    SELECT number, tenant_partition,
      max((revision, wanted, position, events, events_done, is_complete, toUnixTimestamp64Milli(written_until))) AS latest
    FROM analytics_facts_progress WHERE number IN {numbers:Array(UInt32)} GROUP BY number, tenant_partition
  )
  ORDER BY number, tenant_partition
SETTINGS log_comment = 'read_facts_progress', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT toUnixTimestamp64Milli(now64(3)) AS now
SETTINGS log_comment = 'read_clock', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
INSERT INTO analytics_facts_progress (number, tenant_partition, revision, wanted, position, events, events_done, is_complete, written_until) SELECT number, tenant_partition, revision, wanted, position, events, events_done, is_complete, written_until FROM input('number UInt32, tenant_partition UInt32, revision UInt32, wanted String, position String, events UInt32, events_done UInt32, is_complete UInt32, written_until DateTime64(3)') WHERE throwIf((SELECT max(epoch) FROM analytics_writers WHERE writer = 'analytics') > 7) = 0 SETTINGS log_comment = 'insert_analytics_facts_progress', async_insert = 0, insert_deduplicate = 0, max_insert_threads = 1, max_insert_block_size = 1000000, min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000 FORMAT Native;

-- maintenance
SELECT events.tenant_id AS tenant, count() AS events FROM {database:Identifier}.analytics_events AS events
  WHERE ({areAll:UInt8} OR events.tenant_id IN {tenants:Array(String)}) AND events.event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
    AND ({since:Int64} = 0 OR events.ingested_at >= fromUnixTimestamp64Milli({since:Int64})) GROUP BY tenant
SETTINGS log_comment = 'count_message_events', max_threads = 1, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT DISTINCT toYYYYMM(events.occurred_at) AS month FROM {database:Identifier}.analytics_events AS events
  WHERE ({areAll:UInt8} OR events.tenant_id IN {tenants:Array(String)}) AND events.event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
    AND ({since:Int64} = 0 OR events.ingested_at >= fromUnixTimestamp64Milli({since:Int64})) ORDER BY month
SETTINGS log_comment = 'list_months_of_message_events', max_threads = 1, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT events.tenant_id AS tenant, count() AS events FROM {database:Identifier}.analytics_events AS events
  WHERE ({areAll:UInt8} OR events.tenant_id IN {tenants:Array(String)}) AND events.event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
    AND ({since:Int64} = 0 OR events.ingested_at >= fromUnixTimestamp64Milli({since:Int64})) AND toYYYYMM(events.occurred_at) = {month:UInt32} AND events.tenant_id >= {tenant:String}
  GROUP BY tenant ORDER BY tenant
SETTINGS log_comment = 'count_message_events_of_month', max_threads = 1, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT toString(id) AS id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, metadata, toUnixTimestamp64Milli(occurred_at) AS occurred_at, step_number, enrollment_id FROM {database:Identifier}.analytics_events AS events
  WHERE ({areAll:UInt8} OR events.tenant_id IN {tenants:Array(String)}) AND events.event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
    AND ({since:Int64} = 0 OR events.ingested_at >= fromUnixTimestamp64Milli({since:Int64})) AND toYYYYMM(events.occurred_at) = {month:UInt32}
SETTINGS log_comment = 'read_message_events', max_threads = 1, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT toInt64(toUnixTimestamp(toStartOfInterval(events.occurred_at, INTERVAL 15 MINUTE, 'UTC'))) AS start, count() AS events FROM {database:Identifier}.analytics_events AS events
  WHERE ({areAll:UInt8} OR events.tenant_id IN {tenants:Array(String)}) AND events.event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
    AND ({since:Int64} = 0 OR events.ingested_at >= fromUnixTimestamp64Milli({since:Int64})) AND toYYYYMM(events.occurred_at) = {month:UInt32} AND toInt64(toUnixTimestamp(toStartOfInterval(events.occurred_at, INTERVAL 15 MINUTE, 'UTC'))) >= {from:Int64}
  GROUP BY start ORDER BY start
SETTINGS log_comment = 'count_message_events_of_tenant', max_threads = 1, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT toString(id) AS id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, metadata, toUnixTimestamp64Milli(occurred_at) AS occurred_at, step_number, enrollment_id FROM {database:Identifier}.analytics_events AS events
  WHERE ({areAll:UInt8} OR events.tenant_id IN {tenants:Array(String)}) AND events.event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
    AND ({since:Int64} = 0 OR events.ingested_at >= fromUnixTimestamp64Milli({since:Int64})) AND toYYYYMM(events.occurred_at) = {month:UInt32}
    AND events.occurred_at >= fromUnixTimestamp64Milli({from:Int64} * 1000) AND events.occurred_at < fromUnixTimestamp64Milli({to:Int64} * 1000)
    AND cityHash64(events.entity_id) % {parts:UInt32} = {part:UInt32}
SETTINGS log_comment = 'read_message_events_of_tenant', max_threads = 1, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT DISTINCT id FROM cluster('analytics_cluster', view(
    SELECT partition_id AS id FROM system.parts
    WHERE database = {database:String} AND table = 'analytics_message_facts_local' AND active AND startsWith(partition_id, {prefix:String})))
  ORDER BY id
SETTINGS log_comment = 'list_partitions_of_facts'
FORMAT JSONEachRow;

-- maintenance
ALTER TABLE `analytics`.analytics_message_facts_local ON CLUSTER `analytics_cluster` DROP PARTITION ID '1-202603';

---- API keys

-- write
INSERT INTO analytics_api_keys (id, tenant_id, secret_hash, scopes, created_at, expires_at, revoked_at)
  SELECT {id:String}, {tenant:String}, {hash:String}, {scopes:Array(String)}, fromUnixTimestamp64Milli({created:Int64}),
    fromUnixTimestamp64Milli({expires:Int64}), fromUnixTimestamp64Milli(toInt64(0))
SETTINGS log_comment = 'add_api_key', async_insert = 0;

-- write
SELECT id, tenant_id, secret_hash, scopes, toUnixTimestamp64Milli(created_at) AS created,
    toUnixTimestamp64Milli(expires_at) AS expires, toUnixTimestamp64Milli(revoked_at) AS revoked
  FROM analytics_api_keys FINAL WHERE id IN {ids:Array(String)} AND revoked = 0
SETTINGS log_comment = 'find_api_keys', max_execution_time = 5, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT id, tenant_id, secret_hash, scopes, toUnixTimestamp64Milli(created_at) AS created,
    toUnixTimestamp64Milli(expires_at) AS expires, toUnixTimestamp64Milli(revoked_at) AS revoked
  FROM analytics_api_keys FINAL ORDER BY created DESC, id
SETTINGS log_comment = 'list_api_keys', max_execution_time = 5, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT id, tenant_id, secret_hash, scopes, toUnixTimestamp64Milli(created_at) AS created,
    toUnixTimestamp64Milli(expires_at) AS expires, toUnixTimestamp64Milli(revoked_at) AS revoked
  FROM analytics_api_keys FINAL WHERE tenant_id = {tenant:String} ORDER BY created DESC, id
SETTINGS log_comment = 'list_api_keys_of_tenant', max_execution_time = 5, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
INSERT INTO analytics_api_keys (id, tenant_id, secret_hash, scopes, created_at, expires_at, revoked_at)
  SELECT id, tenant_id, secret_hash, scopes, created_at, expires_at, fromUnixTimestamp64Milli({at:Int64})
  FROM analytics_api_keys FINAL WHERE id = {id:String} AND toUnixTimestamp64Milli(revoked_at) = 0
SETTINGS log_comment = 'revoke_api_key', async_insert = 0;

-- write
SELECT id, tenant_id, secret_hash, scopes, toUnixTimestamp64Milli(created_at) AS created,
    toUnixTimestamp64Milli(expires_at) AS expires, toUnixTimestamp64Milli(revoked_at) AS revoked
  FROM analytics_api_keys FINAL WHERE id = {id:String}
SETTINGS log_comment = 'read_api_key', max_execution_time = 5, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

---- the request audit

-- requestAudit
INSERT INTO analytics_request_audit
    (id, requested_at, tenant_id, subject, route, parameters, status, duration_ms, correlation_id, requests)
  SELECT row.1, fromUnixTimestamp64Milli(row.2), row.3, row.4, row.5, row.6, row.7, row.8, row.9, row.10
  FROM (
    SELECT arrayJoin(arrayZip({ids:Array(UUID)}, {requestedAt:Array(Int64)}, {tenants:Array(String)}, {subjects:Array(String)},
      {routes:Array(String)}, {parameters:Array(String)}, {statuses:Array(UInt16)}, {durationsMs:Array(UInt32)},
      {correlationIds:Array(String)}, {requests:Array(UInt32)})) AS row
  )
SETTINGS log_comment = 'append_request_audit', async_insert = 0;

-- requestAudit
SELECT toString(audit.id) AS id, toUnixTimestamp64Milli(requested_at) AS requestedAt, tenant_id AS tenantId, subject, route, parameters, status,
    duration_ms AS durationMs, correlation_id AS correlationId, requests
  FROM analytics_request_audit AS audit
  WHERE tenant_id = {tenant:String} AND requested_at >= fromUnixTimestamp64Milli({since:Int64})
  ORDER BY requested_at DESC, audit.id
  LIMIT 1 BY audit.id
  LIMIT {limit:UInt32}
SETTINGS log_comment = 'read_request_audit', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

---- maintenance

-- maintenance
OPTIMIZE TABLE {database:Identifier}.analytics_names_local ON CLUSTER `analytics_cluster` FINAL;

-- maintenance
SELECT DISTINCT source, month
  FROM cluster('analytics_cluster', view(
    SELECT table AS source, partition_id AS month FROM system.parts
    WHERE database = {database:String} AND table IN ('analytics_events_local', 'analytics_message_facts_local') AND active
      AND toUInt32(extract(partition, '([0-9]{6})\\D*$')) < toYYYYMM(now())
    GROUP BY source, month HAVING count() > {maxParts:UInt32} AND uniqExact(arraySort(projections)) = 1))
  ORDER BY source, month
SETTINGS log_comment = 'find_unmerged_months'
FORMAT JSONEachRow;

-- maintenance
OPTIMIZE TABLE {database:Identifier}.analytics_events_local ON CLUSTER `analytics_cluster` PARTITION ID {month:String} FINAL;

-- maintenance
OPTIMIZE TABLE {database:Identifier}.analytics_message_facts_local ON CLUSTER `analytics_cluster` PARTITION ID {month:String} FINAL;

-- maintenance
SELECT count() AS mutations, max(failure) AS failure FROM (
    SELECT max(latest_fail_reason) AS failure
    FROM clusterAllReplicas('analytics_cluster', view(
      SELECT zookeeper_path, total_replicas, mutation_id, is_done, latest_fail_reason
      FROM system.mutations AS mutations
      INNER JOIN system.replicas AS replicas ON mutations.database = replicas.database AND mutations.table = replicas.table
      WHERE mutations.database = {database:String} AND mutations.table = 'analytics_events_local' AND match(command, {commands:String})
    ))
    GROUP BY zookeeper_path, mutation_id
    HAVING countIf(is_done) < max(total_replicas)
  )
SETTINGS log_comment = 'count_unfinished_mutations', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT source, projection, month, count() AS parts
  FROM cluster('analytics_cluster', view(
    SELECT source, projection, month
    FROM (
      SELECT table AS source, name AS part, partition_id AS month FROM system.parts
      WHERE database = {database:String} AND table IN ('analytics_events_local', 'analytics_message_facts_local') AND active AND modification_time <= now() - {graceSeconds:UInt32}
    ) AS parts
    INNER JOIN (SELECT table AS source, name AS projection FROM system.projections WHERE database = {database:String} AND table IN ('analytics_events_local', 'analytics_message_facts_local')) AS projections USING (source)
    WHERE (source, part, projection) NOT IN (SELECT table, parent_name, name FROM system.projection_parts WHERE database = {database:String} AND table IN ('analytics_events_local', 'analytics_message_facts_local') AND active)))
  GROUP BY source, projection, month ORDER BY source, projection, month
SETTINGS log_comment = 'find_missing_projections', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT kind, sum(part_rows) AS rows, count() AS parts, sum(bytes_on_disk) AS bytes
  FROM cluster('analytics_cluster', view(
    SELECT transform(table, ['analytics_names_local', 'analytics_message_facts_local'], ['names', 'facts'], 'events') AS kind, rows AS part_rows, bytes_on_disk
    FROM system.parts
    WHERE database = {database:String} AND active
      AND table IN ('analytics_events_local', 'analytics_names_local', 'analytics_message_facts_local')))
  GROUP BY kind
SETTINGS log_comment = 'read_table_sizes', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT tenant_id AS tenantId, count() AS rows FROM {database:Identifier}.analytics_events
  GROUP BY tenant_id ORDER BY rows DESC, tenant_id LIMIT {limit:UInt32}
SETTINGS log_comment = 'find_largest_tenants', output_format_json_quote_64bit_integers = 0, max_threads = 1, max_execution_time = 60
FORMAT JSONEachRow;

---- the consistency check

-- maintenance
SELECT toString(count()) AS rows FROM {database:Identifier}.analytics_events
SETTINGS log_comment = 'count_rows'
FORMAT JSONEachRow;

-- maintenance
SELECT table AS storage, name, query FROM system.projections
  WHERE database = {database:String} AND table IN ('analytics_events_local', 'analytics_message_facts_local') AND type = 'Aggregate'
    AND name != 'by_message' ORDER BY name
SETTINGS log_comment = 'list_projections'
FORMAT JSONEachRow;

-- maintenance
SELECT toString(count()) AS groups, toString(sum(sipHash64(toString(tuple(*))))) AS checksum
    FROM (
      SELECT tenant_id, toStartOfInterval(occurred_at, toIntervalDay(1), 'UTC') AS day, count() FROM {database:Identifier}.analytics_events
      WHERE day < toStartOfDay(now('UTC') - INTERVAL 1 HOUR, 'UTC')
      GROUP BY tenant_id, day
    )
SETTINGS log_comment = 'checksum_rows', optimize_use_projections = 0, max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_functions_to_subcolumns = 0
FORMAT JSONEachRow;

-- maintenance
SELECT toString(count()) AS groups, toString(sum(sipHash64(toString(tuple(*))))) AS checksum
    FROM (
      SELECT tenant_id, toStartOfInterval(occurred_at, toIntervalDay(1), 'UTC') AS day, count() FROM {database:Identifier}.analytics_events
      WHERE day < toStartOfDay(now('UTC') - INTERVAL 1 HOUR, 'UTC')
      GROUP BY tenant_id, day
    )
SETTINGS log_comment = 'checksum_projection', force_optimize_projection = 1, force_optimize_projection_name = 'totals_by_day', max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_functions_to_subcolumns = 0
FORMAT JSONEachRow;

-- maintenance
SELECT toString(count() - uniqExact(id)) AS duplicates FROM {database:Identifier}.analytics_events
  WHERE ingested_at > now64(3) - INTERVAL 1 DAY
SETTINGS log_comment = 'count_duplicate_ids', max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_functions_to_subcolumns = 0
FORMAT JSONEachRow;

-- maintenance
SELECT count() AS events FROM {database:Identifier}.analytics_events WHERE event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
SETTINGS log_comment = 'count_events_of_messages', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT tenant_id AS tenant, toYYYYMM(sent_at) AS month, sum(sign) AS messages,
    sum(sign * bitTest(state, 1)) AS delivered, sum(sign * bitTest(state, 2)) AS bounced, sum(sign * bitTest(state, 3)) AS complained, sum(sign * bitTest(state, 4)) AS unsubscribed, sum(sign * bitTest(state, 6)) AS opened, sum(sign * bitTest(state, 7)) AS clicked,
    sum(sign * opens) AS opens, sum(sign * clicks) AS clicks, sum(sign * toUnixTimestamp(last_event_at)) AS lastEvents
  FROM {database:Identifier}.analytics_message_facts AS facts
  WHERE rules = {rules:UInt32} AND bitTest(state, 0) AND cityHash64(message_id) % {parts:UInt32} = {part:UInt32} AND month > toYYYYMM(now() - INTERVAL 2 YEAR) AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
  GROUP BY tenant, month HAVING messages != 0
SETTINGS log_comment = 'sum_message_facts', max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_use_projections = 0, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- maintenance
SELECT tenant_id AS tenant, toYYYYMM(first_sent) AS month, count() AS messages,
    countIf(delivered_events > 0) AS delivered, countIf(bounced_events > 0) AS bounced, countIf(complained_events > 0) AS complained, countIf(unsubscribed_events > 0) AS unsubscribed, countIf(opened_events > 0) AS opened, countIf(clicked_events > 0) AS clicked,
    sum(opened_events) AS opens, sum(clicked_events) AS clicks, sum(toUnixTimestamp(last_at)) AS lastEvents
  FROM (
    SELECT tenant_id, minIf(occurred_at, event_type = 'message_sent') AS first_sent, max(occurred_at) AS last_at,
      countIf(event_type = 'message_sent') AS sent_events,
      countIf(event_type = 'message_delivered') AS delivered_events, countIf(event_type = 'message_bounced') AS bounced_events, countIf(event_type = 'message_complained') AS complained_events, countIf(event_type = 'message_unsubscribed') AS unsubscribed_events, countIf(event_type = 'message_opened') AS opened_events, countIf(event_type = 'message_clicked') AS clicked_events
    FROM {database:Identifier}.analytics_events
    WHERE event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed') AND cityHash64(entity_id) % {parts:UInt32} = {part:UInt32}
      AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
    GROUP BY tenant_id, entity_id
    HAVING sent_events > 0
  )
  WHERE month > toYYYYMM(now() - INTERVAL 2 YEAR) AND (empty({tenants:Array(String)}) OR tenant_id IN {tenants:Array(String)})
  GROUP BY tenant, month
SETTINGS log_comment = 'sum_events_of_messages', max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_use_projections = 0, output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

---- an erasure

-- write
INSERT INTO analytics_erasures (tenant_id, contact_hash, erased_at)
  SELECT {tenant:String}, {hash:UUID}, fromUnixTimestamp64Milli({at:Int64})
SETTINGS log_comment = 'insert_erasure', async_insert = 0;

-- write
INSERT INTO analytics_message_recalculations (tenant_id, request_id, message_id, requested_at, is_done)
  SELECT DISTINCT tenant_id, {request:UUID}, entity_id, fromUnixTimestamp64Milli({at:Int64}), 0 FROM analytics_events
  WHERE tenant_id = {tenant:String} AND contact_id = {contact:String} AND occurred_at <= fromUnixTimestamp64Milli({at:Int64})
    AND event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed')
SETTINGS log_comment = 'request_recalculations', async_insert = 0;

-- write
SELECT toString(count()) AS rows FROM analytics_events WHERE tenant_id = {tenant:String} AND contact_id = {contact:String} AND occurred_at <= fromUnixTimestamp64Milli({at:Int64})
SETTINGS log_comment = 'count_rows_of_contact'
FORMAT JSONEachRow;

-- write
ALTER TABLE analytics_events_local ON CLUSTER `analytics_cluster` DELETE WHERE tenant_id = 'tenant-1' AND contact_id = 'x' AND occurred_at <= fromUnixTimestamp64Milli(1774008000000);

-- write
SELECT count() AS mutations, max(failure) AS failure FROM (
    SELECT max(latest_fail_reason) AS failure
    FROM clusterAllReplicas('analytics_cluster', view(
      SELECT zookeeper_path, total_replicas, mutation_id, is_done, latest_fail_reason
      FROM system.mutations AS mutations
      INNER JOIN system.replicas AS replicas ON mutations.database = replicas.database AND mutations.table = replicas.table
      WHERE mutations.database = {database:String} AND mutations.table = 'analytics_events_local' AND match(command, {commands:String})
    ))
    GROUP BY zookeeper_path, mutation_id
    HAVING countIf(is_done) < max(total_replicas)
  )
SETTINGS log_comment = 'count_unfinished_mutations', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT uniqExact(message_id) AS messages FROM (
    SELECT request_id, message_id FROM analytics_message_recalculations WHERE tenant_id = {tenant:String}
    GROUP BY request_id, message_id HAVING max(is_done) = 0
  )
SETTINGS log_comment = 'count_pending_recalculations', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
SELECT tenant_id, toString(request_id) AS request_id, message_id FROM analytics_message_recalculations
  GROUP BY tenant_id, request_id, message_id HAVING max(is_done) = 0
  ORDER BY tenant_id, request_id, message_id LIMIT 50000
SETTINGS log_comment = 'find_pending_recalculations'
FORMAT JSONEachRow;

-- write
SELECT toString(id) AS id, tenant_id, event_type, entity_type, entity_id, channel, contact_id, user_id, source_type, source_id, campaign_id, workflow_id, sequence_id, template_id, metadata, toUnixTimestamp64Milli(occurred_at) AS occurred_at, step_number, enrollment_id
  FROM analytics_events AS events
  WHERE events.tenant_id = {tenant:String} AND events.event_type IN ('message_sent', 'message_delivered', 'message_opened', 'message_clicked', 'message_bounced', 'message_complained', 'message_unsubscribed') AND events.entity_id IN {messages:Array(String)}
SETTINGS log_comment = 'find_events_of_messages', output_format_json_quote_64bit_integers = 0
FORMAT JSONEachRow;

-- write
INSERT INTO analytics_message_recalculations (tenant_id, request_id, message_id, requested_at, is_done)
  SELECT tenant_id, request_id, message_id, max(requested_at), 1 FROM analytics_message_recalculations
  WHERE tenant_id = {tenant:String} AND request_id = {request:UUID} AND message_id IN {messages:Array(String)}
  GROUP BY tenant_id, request_id, message_id
SETTINGS log_comment = 'mark_recalculations_done', async_insert = 0;

---- the readiness check

-- read
SELECT 1 FROM analytics_events LIMIT 1
SETTINGS log_comment = 'check_row_policy_of_analytics_events', force_optimize_skip_unused_shards = 0, SQL_tenant = ''
FORMAT JSONEachRow;

-- read
SELECT 1 FROM analytics_names LIMIT 1
SETTINGS log_comment = 'check_row_policy_of_analytics_names', force_optimize_skip_unused_shards = 0, SQL_tenant = ''
FORMAT JSONEachRow;

-- read
SELECT 1 FROM analytics_message_facts LIMIT 1
SETTINGS log_comment = 'check_row_policy_of_analytics_message_facts', force_optimize_skip_unused_shards = 0, SQL_tenant = ''
FORMAT JSONEachRow;

---- the dashboard overview

-- read
SELECT * FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, channel, countIf(event_type = 'message_sent') AS sent, countIf(event_type = 'message_delivered') AS delivered, countIf(event_type = 'message_opened') AS opened, countIf(event_type = 'message_clicked') AS clicked, countIf(event_type = 'message_bounced') AS bounced, countIf(event_type = 'message_complained') AS complained, countIf(event_type = 'message_unsubscribed') AS unsubscribed
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC')
    GROUP BY bucket, channel SETTINGS preferred_optimize_projection_name = 'totals_by_quarter_hour'
  )
SETTINGS log_comment = 'overview', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT 0 AS is_bucket, channel AS key, [sum(sum_0), sum(sum_1), sum(sum_2), sum(sum_3), sum(sum_4), sum(sum_5), sum(sum_6), sum(sum_7), sum(sum_8), sum(sum_9), sum(sum_10), sum(sum_11), sum(sum_12), sum(sum_13), sum(sum_14), sum(sum_15), sum(sum_16), sum(sum_17), sum(sum_18), sum(sum_19), sum(sum_20), sum(sum_21), sum(sum_22), sum(sum_23), sum(sum_24), sum(sum_25), sum(sum_26), sum(sum_27)] AS sums
  FROM (
    SELECT channel, sum(sign * bitTest(state, 0)) AS sum_0, sum(sign * bitTest(state, 1)) AS sum_1, sum(sign * bitTest(state, 2)) AS sum_2, sum(sign * bitTest(state, 3)) AS sum_3, sum(sign * bitTest(state, 4)) AS sum_4, sum(sign * bitTest(state, 5)) AS sum_5, sum(sign * bitTest(state, 6)) AS sum_6, sum(sign * bitTest(state, 7)) AS sum_7, sum(sign * bitTest(state, 8)) AS sum_8, sum(sign * bitTest(state, 9)) AS sum_9, sum(sign * bitTest(state, 10)) AS sum_10, sum(sign * bitTest(state, 11)) AS sum_11, sum(sign * bitTest(state, 12)) AS sum_12, sum(sign * bitTest(state, 13)) AS sum_13, sum(sign * bitTest(state, 14)) AS sum_14, sum(sign * bitTest(state, 15)) AS sum_15, sum(sign * bitTest(state, 16)) AS sum_16, sum(sign * bitTest(state, 17)) AS sum_17, sum(sign * bitTest(state, 18)) AS sum_18, sum(sign * bitTest(state, 19)) AS sum_19, sum(sign * bitTest(state, 20)) AS sum_20, sum(sign * bitTest(state, 21)) AS sum_21, sum(sign * bitTest(state, 22)) AS sum_22, sum(sign * bitTest(state, 23)) AS sum_23, sum(sign * bitTest(state, 24)) AS sum_24, sum(sign * opens) AS sum_25, sum(sign * clicks) AS sum_26, sum(sign * unknown_events) AS sum_27
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32}
    GROUP BY channel SETTINGS preferred_optimize_projection_name = 'messages_by_quarter_hour'
  )
  GROUP BY channel
SETTINGS log_comment = 'overview_engagement', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT toInt64(toUnixTimestamp(toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 AS start
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
    AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({from:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') <= toDateTime({to:UInt32}, 'UTC')
  GROUP BY toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') HAVING max(last_event_at) > fromUnixTimestamp64Milli({until:Int64})
  ORDER BY start
  SETTINGS preferred_optimize_projection_name = 'messages_by_quarter_hour'
SETTINGS log_comment = 'overview_late_steps', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT kind, key, delay_class, sum(messages) AS messages
  FROM (SELECT 'open' AS kind, toString(ifNull(channel, '')) AS key, delay_class, messages FROM (
    SELECT channel, bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) AS delay_class, sum(sign) AS messages
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32} AND bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) < 8192
    GROUP BY channel, delay_class SETTINGS preferred_optimize_projection_name = 'open_delays_by_day'
  )
    UNION ALL SELECT 'click' AS kind, toString(ifNull(channel, '')) AS key, delay_class, messages FROM (
    SELECT channel, bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) AS delay_class, sum(sign) AS messages
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32} AND bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) < 8192
    GROUP BY channel, delay_class SETTINGS preferred_optimize_projection_name = 'click_delays_by_day'
  ))
  GROUP BY kind, key, delay_class
SETTINGS log_comment = 'overview_delays', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- the dashboard messages

-- read
SELECT * FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, channel, countIf(event_type = 'message_sent') AS sent, countIf(event_type = 'message_delivered') AS delivered, countIf(event_type = 'message_opened') AS opened, countIf(event_type = 'message_clicked') AS clicked, countIf(event_type = 'message_bounced') AS bounced, countIf(event_type = 'message_complained') AS complained, countIf(event_type = 'message_unsubscribed') AS unsubscribed
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC')
    GROUP BY bucket, channel SETTINGS preferred_optimize_projection_name = 'totals_by_quarter_hour'
  )
SETTINGS log_comment = 'messages', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT grouping(channel) AS is_bucket, bucket, channel AS key, [sum(sum_0), sum(sum_1), sum(sum_2), sum(sum_3), sum(sum_4), sum(sum_5), sum(sum_6), sum(sum_7), sum(sum_8), sum(sum_9), sum(sum_10), sum(sum_11), sum(sum_12), sum(sum_13), sum(sum_14), sum(sum_15), sum(sum_16), sum(sum_17), sum(sum_18), sum(sum_19), sum(sum_20), sum(sum_21), sum(sum_22), sum(sum_23), sum(sum_24), sum(sum_25), sum(sum_26), sum(sum_27)] AS sums
  FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, channel, sum(sign * bitTest(state, 0)) AS sum_0, sum(sign * bitTest(state, 1)) AS sum_1, sum(sign * bitTest(state, 2)) AS sum_2, sum(sign * bitTest(state, 3)) AS sum_3, sum(sign * bitTest(state, 4)) AS sum_4, sum(sign * bitTest(state, 5)) AS sum_5, sum(sign * bitTest(state, 6)) AS sum_6, sum(sign * bitTest(state, 7)) AS sum_7, sum(sign * bitTest(state, 8)) AS sum_8, sum(sign * bitTest(state, 9)) AS sum_9, sum(sign * bitTest(state, 10)) AS sum_10, sum(sign * bitTest(state, 11)) AS sum_11, sum(sign * bitTest(state, 12)) AS sum_12, sum(sign * bitTest(state, 13)) AS sum_13, sum(sign * bitTest(state, 14)) AS sum_14, sum(sign * bitTest(state, 15)) AS sum_15, sum(sign * bitTest(state, 16)) AS sum_16, sum(sign * bitTest(state, 17)) AS sum_17, sum(sign * bitTest(state, 18)) AS sum_18, sum(sign * bitTest(state, 19)) AS sum_19, sum(sign * bitTest(state, 20)) AS sum_20, sum(sign * bitTest(state, 21)) AS sum_21, sum(sign * bitTest(state, 22)) AS sum_22, sum(sign * bitTest(state, 23)) AS sum_23, sum(sign * bitTest(state, 24)) AS sum_24, sum(sign * opens) AS sum_25, sum(sign * clicks) AS sum_26, sum(sign * unknown_events) AS sum_27
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32}
    GROUP BY bucket, channel SETTINGS preferred_optimize_projection_name = 'messages_by_quarter_hour'
  )
  GROUP BY GROUPING SETS ((channel), (bucket))
SETTINGS log_comment = 'messages_engagement', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT toInt64(toUnixTimestamp(toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 AS start
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
    AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({from:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') <= toDateTime({to:UInt32}, 'UTC')
  GROUP BY toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') HAVING max(last_event_at) > fromUnixTimestamp64Milli({until:Int64})
  ORDER BY start
  SETTINGS preferred_optimize_projection_name = 'messages_by_quarter_hour'
SETTINGS log_comment = 'messages_late_steps', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT kind, key, delay_class, sum(messages) AS messages
  FROM (SELECT 'open' AS kind, toString(ifNull(channel, '')) AS key, delay_class, messages FROM (
    SELECT channel, bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) AS delay_class, sum(sign) AS messages
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32} AND bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) < 8192
    GROUP BY channel, delay_class SETTINGS preferred_optimize_projection_name = 'open_delays_by_day'
  )
    UNION ALL SELECT 'click' AS kind, toString(ifNull(channel, '')) AS key, delay_class, messages FROM (
    SELECT channel, bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) AS delay_class, sum(sign) AS messages
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32} AND bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) < 8192
    GROUP BY channel, delay_class SETTINGS preferred_optimize_projection_name = 'click_delays_by_day'
  ))
  GROUP BY kind, key, delay_class
SETTINGS log_comment = 'messages_delays', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- the dashboard campaigns

-- read
SELECT campaign, grouping(campaign) AS is_total, sum(sent) AS sent, sum(delivered) AS delivered, sum(opened) AS opened, sum(clicked) AS clicked, sum(recipients) AS recipients,
    count() AS campaigns, countIf(completions > 0) AS campaignsCompleted, 0 AS engagement_rate
  FROM (
    SELECT assumeNotNull(campaign_id) AS campaign, sumIf(events, event_type = 'message_sent') AS sent, sumIf(events, event_type = 'message_delivered') AS delivered, sumIf(events, event_type = 'message_opened') AS opened, sumIf(events, event_type = 'message_clicked') AS clicked,
      sumIf(events, event_type = 'campaign_completed') AS completions,
      groupBitmapMergeIf(members, event_type = 'message_sent') AS recipients
    FROM (
    SELECT campaign_id, event_type, count() AS events, groupBitmapStateIf(surrogate_id, surrogate_id > 0) AS members
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND campaign_id IS NOT NULL
    GROUP BY campaign_id, event_type SETTINGS preferred_optimize_projection_name = 'totals_by_day'
  )
    GROUP BY campaign
  ) AS counts
  GROUP BY GROUPING SETS ((campaign), ())
  ORDER BY is_total DESC, sent DESC, campaign
  LIMIT {rows:UInt32}
SETTINGS log_comment = 'campaigns', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT * FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, countIf(event_type = 'message_sent' AND campaign_id IS NOT NULL) AS sent, countIf(event_type = 'message_delivered' AND campaign_id IS NOT NULL) AS delivered, countIf(event_type = 'message_opened' AND campaign_id IS NOT NULL) AS opened, countIf(event_type = 'message_clicked' AND campaign_id IS NOT NULL) AS clicked
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC')
    GROUP BY bucket SETTINGS preferred_optimize_projection_name = 'totals_by_quarter_hour'
  )
SETTINGS log_comment = 'campaigns_series', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT grouping(channel) AS is_bucket, bucket, channel AS key, [sum(sum_0), sum(sum_1), sum(sum_2), sum(sum_3), sum(sum_4), sum(sum_5), sum(sum_6), sum(sum_7), sum(sum_8), sum(sum_9), sum(sum_10), sum(sum_11), sum(sum_12), sum(sum_13), sum(sum_14), sum(sum_15), sum(sum_16), sum(sum_17), sum(sum_18), sum(sum_19), sum(sum_20), sum(sum_21), sum(sum_22), sum(sum_23), sum(sum_24), sum(sum_25), sum(sum_26), sum(sum_27)] AS sums
  FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, channel, sum(sign * bitTest(state, 0)) AS sum_0, sum(sign * bitTest(state, 1)) AS sum_1, sum(sign * bitTest(state, 2)) AS sum_2, sum(sign * bitTest(state, 3)) AS sum_3, sum(sign * bitTest(state, 4)) AS sum_4, sum(sign * bitTest(state, 5)) AS sum_5, sum(sign * bitTest(state, 6)) AS sum_6, sum(sign * bitTest(state, 7)) AS sum_7, sum(sign * bitTest(state, 8)) AS sum_8, sum(sign * bitTest(state, 9)) AS sum_9, sum(sign * bitTest(state, 10)) AS sum_10, sum(sign * bitTest(state, 11)) AS sum_11, sum(sign * bitTest(state, 12)) AS sum_12, sum(sign * bitTest(state, 13)) AS sum_13, sum(sign * bitTest(state, 14)) AS sum_14, sum(sign * bitTest(state, 15)) AS sum_15, sum(sign * bitTest(state, 16)) AS sum_16, sum(sign * bitTest(state, 17)) AS sum_17, sum(sign * bitTest(state, 18)) AS sum_18, sum(sign * bitTest(state, 19)) AS sum_19, sum(sign * bitTest(state, 20)) AS sum_20, sum(sign * bitTest(state, 21)) AS sum_21, sum(sign * bitTest(state, 22)) AS sum_22, sum(sign * bitTest(state, 23)) AS sum_23, sum(sign * bitTest(state, 24)) AS sum_24, sum(sign * opens) AS sum_25, sum(sign * clicks) AS sum_26, sum(sign * unknown_events) AS sum_27
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32} AND campaign_id IS NOT NULL
    GROUP BY bucket, channel SETTINGS preferred_optimize_projection_name = 'messages_by_quarter_hour'
  )
  GROUP BY GROUPING SETS ((channel), (bucket))
SETTINGS log_comment = 'campaigns_engagement', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT toInt64(toUnixTimestamp(toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 AS start
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32}
    AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({from:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') <= toDateTime({to:UInt32}, 'UTC')
  GROUP BY toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') HAVING max(last_event_at) > fromUnixTimestamp64Milli({until:Int64})
  ORDER BY start
  SETTINGS preferred_optimize_projection_name = 'messages_by_quarter_hour'
SETTINGS log_comment = 'campaigns_late_steps', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT kind, key, delay_class, sum(messages) AS messages
  FROM (SELECT 'open' AS kind, toString(ifNull(channel, '')) AS key, delay_class, messages FROM (
    SELECT channel, bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) AS delay_class, sum(sign) AS messages
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32} AND bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) < 8192 AND campaign_id IS NOT NULL
    GROUP BY channel, delay_class SETTINGS preferred_optimize_projection_name = 'open_delays_by_day'
  )
    UNION ALL SELECT 'click' AS kind, toString(ifNull(channel, '')) AS key, delay_class, messages FROM (
    SELECT channel, bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) AS delay_class, sum(sign) AS messages
    FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND rules = {rules:UInt32} AND bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) < 8192 AND campaign_id IS NOT NULL
    GROUP BY channel, delay_class SETTINGS preferred_optimize_projection_name = 'click_delays_by_day'
  ))
  GROUP BY kind, key, delay_class
SETTINGS log_comment = 'campaigns_delays', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- the dashboard templates

-- read
SELECT template, sent, delivered, opened, clicked, open_rate, click_rate, engagement_rate, row_number() OVER (ORDER BY open_rate DESC, click_rate DESC, sent DESC, template) AS best, row_number() OVER (ORDER BY open_rate ASC, click_rate ASC, sent ASC, template) AS worst
  FROM (
    SELECT *, if(delivered = 0, 0, toUInt64(floor((opened / delivered * 100 + 2.220446049250313e-16) * 100 + 0.5))) AS open_rate, if(delivered = 0, 0, toUInt64(floor((clicked / delivered * 100 + 2.220446049250313e-16) * 100 + 0.5))) AS click_rate, 0 AS engagement_rate
    FROM (SELECT assumeNotNull(template_id) AS template, sumIf(events, event_type = 'message_sent') AS sent, sumIf(events, event_type = 'message_delivered') AS delivered, sumIf(events, event_type = 'message_opened') AS opened, sumIf(events, event_type = 'message_clicked') AS clicked FROM (
    SELECT template_id, event_type, count() AS events
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND template_id IS NOT NULL
    GROUP BY template_id, event_type SETTINGS preferred_optimize_projection_name = 'totals_by_day'
  ) GROUP BY template) AS counts

    WHERE sent >= {minUsage:UInt32}
  )
  QUALIFY best BETWEEN 1 AND {bestRows:UInt32} OR worst BETWEEN 1 AND {worstRows:UInt32}
SETTINGS log_comment = 'templates', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- the dashboard traffic

-- read
SELECT * FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, countIf(event_type = 'message_sent') AS sent
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC')
    GROUP BY bucket SETTINGS preferred_optimize_projection_name = 'totals_by_quarter_hour'
  )
SETTINGS log_comment = 'traffic', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- the dashboard workflows

-- read
SELECT * FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, countIf(event_type = 'workflow_run_started' AND workflow_id IS NOT NULL) AS runs, countIf(event_type = 'workflow_run_completed' AND workflow_id IS NOT NULL) AS runsCompleted, countIf(event_type = 'workflow_run_failed' AND workflow_id IS NOT NULL) AS runsFailed, countIf(event_type = 'workflow_run_goal_reached' AND workflow_id IS NOT NULL) AS runsGoalReached
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC')
    GROUP BY bucket SETTINGS preferred_optimize_projection_name = 'totals_by_quarter_hour'
  )
SETTINGS log_comment = 'workflows', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

-- read
SELECT * FROM (SELECT assumeNotNull(workflow_id) AS workflow, sumIf(events, event_type = 'workflow_run_started') AS runs, sumIf(events, event_type = 'workflow_run_completed') AS runsCompleted, sumIf(events, event_type = 'workflow_run_failed') AS runsFailed, sumIf(events, event_type = 'workflow_run_goal_reached') AS runsGoalReached FROM (
    SELECT workflow_id, event_type, count() AS events
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC') AND workflow_id IS NOT NULL
    GROUP BY workflow_id, event_type SETTINGS preferred_optimize_projection_name = 'totals_by_day'
  ) GROUP BY workflow)
    WHERE runs + runsCompleted + runsFailed + runsGoalReached > 0
    ORDER BY runs DESC, workflow
    LIMIT {rows:UInt32}
SETTINGS log_comment = 'workflows_top', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- the dashboard sequences

-- read
WITH (SELECT groupBitmapMergeState(endedEnrollments) FROM (
    SELECT groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type IN ('sequence_enrollment_completed', 'sequence_enrollment_replied', 'sequence_enrollment_exited', 'sequence_enrollment_unsubscribed', 'sequence_enrollment_bounced')) AS endedEnrollments
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({ended_wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') < toDateTime({ended_wholeTo:UInt32}, 'UTC')
    SETTINGS preferred_optimize_projection_name = 'enrollments_by_day'
  )) AS ended_members
  SELECT if(is_total = 1, 'total', 'day') AS kind, bucket, '' AS sequence, 0 AS step, groupBitmapMerge(days.enrollments) OVER so_far AS enrollments,
    if(is_total = 1, bitmapAndnotCardinality(days.enrollments, ended_members), 0) AS activeEnrollments,
    groupBitmapMerge(days.repliedEnrollments) OVER so_far AS repliedEnrollments,
    groupBitmapMerge(days.completedEnrollments) OVER so_far AS completedEnrollments, days.stepsExecuted AS stepsExecuted
  FROM (
    SELECT bucket, grouping(bucket) AS is_total, sum(stepsExecuted) AS stepsExecuted, groupBitmapMergeState(enrollments) AS enrollments, groupBitmapMergeState(repliedEnrollments) AS repliedEnrollments, groupBitmapMergeState(completedEnrollments) AS completedEnrollments
    FROM (
    SELECT least({firstBucket:Int64} + intDiv(toInt64(toUnixTimestamp(toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC'))) * 1000 - {firstBucket:Int64}, {bucketMs:Int64}) * {bucketMs:Int64}, {lastBucket:Int64}) AS bucket, countIf(event_type = 'sequence_step_executed') AS stepsExecuted, groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND startsWith(event_type, 'sequence_')) AS enrollments, groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type = 'sequence_enrollment_replied') AS repliedEnrollments, groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type = 'sequence_enrollment_completed') AS completedEnrollments
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC')
    GROUP BY bucket SETTINGS preferred_optimize_projection_name = 'enrollments_by_day'
  ) GROUP BY GROUPING SETS ((bucket), ())
  ) AS days
  WINDOW so_far AS (PARTITION BY is_total ORDER BY bucket ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
  UNION ALL
  SELECT if(is_step = 1, 'step', 'sequence') AS kind, 0 AS bucket, ifNull(sequence_id, '') AS sequence, ifNull(step_number, 0) AS step,
    bitmapCardinality(members) AS enrollments, bitmapAndnotCardinality(members, ended_members) AS activeEnrollments,
    if(is_step = 1, replies, bitmapCardinality(members_replied)) AS repliedEnrollments,
    bitmapCardinality(members_completed) AS completedEnrollments, executions AS stepsExecuted
  FROM (
    SELECT sequence_id, step_number, grouping(sequence_id) AS is_step, groupBitmapMergeState(counts.members) AS members,
      groupBitmapMergeStateIf(counts.members, event_type = 'sequence_enrollment_replied') AS members_replied,
      groupBitmapMergeStateIf(counts.members, event_type = 'sequence_enrollment_completed') AS members_completed,
      sumIf(events, event_type = 'sequence_step_executed') AS executions, sumIf(events, event_type = 'sequence_enrollment_replied') AS replies
    FROM (
    SELECT sequence_id, step_number, event_type, count() AS events, groupBitmapStateIf(surrogate_id, surrogate_id > 0) AS members
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({sequence_wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') < toDateTime({sequence_wholeTo:UInt32}, 'UTC') AND startsWith(event_type, 'sequence_')
    GROUP BY sequence_id, step_number, event_type SETTINGS preferred_optimize_projection_name = 'totals_by_day'
  ) AS counts GROUP BY GROUPING SETS ((sequence_id), (step_number))
  )
  WHERE if(is_step = 1, step_number > 0 AND executions + replies > 0, sequence_id IS NOT NULL)
  QUALIFY is_step = 1 OR row_number() OVER (PARTITION BY is_step ORDER BY enrollments DESC, sequence) <= {rows:UInt32}
  ORDER BY kind, bucket, step, enrollments DESC, sequence
SETTINGS log_comment = 'sequences', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- names

-- read
SELECT id, tupleElement(max(latest), 'name') AS name
  FROM analytics_names WHERE tenant_id = {tenant:String} AND kind = {kind:String} AND id IN {ids:Array(String)}
  GROUP BY id
SETTINGS log_comment = 'names', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;

---- the live stream

-- read
SELECT if(startsWith(event_type, 'sequence_enrollment_') AND event_type NOT IN ('sequence_enrollment_started', 'sequence_enrollment_completed', 'sequence_enrollment_replied', 'sequence_enrollment_exited', 'sequence_enrollment_unsubscribed', 'sequence_enrollment_bounced'), 'sequence_enrollment_*', event_type) AS live_type, channel, sum(events) AS total FROM (
    SELECT event_type, channel, count() AS events
    FROM analytics_events WHERE tenant_id = {tenant:String} AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') >= toDateTime({wholeFrom:UInt32}, 'UTC') AND toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') < toDateTime({wholeTo:UInt32}, 'UTC')
    GROUP BY event_type, channel SETTINGS preferred_optimize_projection_name = 'totals_by_day'
  ) GROUP BY live_type, channel
SETTINGS log_comment = 'live', max_execution_time = 15, max_memory_usage = 4000000000, max_result_rows = 1000000, result_overflow_mode = 'throw', timeout_overflow_mode = 'throw', max_threads = 2, max_threads_for_indexes = 1, optimize_functions_to_subcolumns = 0, output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC', readonly = 2, SQL_tenant = 'tenant-1'
FORMAT JSONEachRow;
