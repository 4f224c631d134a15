---- 0001_create_database.sql

CREATE DATABASE IF NOT EXISTS `analytics` ON CLUSTER `analytics_cluster`;

---- 0002_create_migration_ledger.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_migrations ON CLUSTER `analytics_cluster`
(
    name String,
    checksum String,
    applied_at DateTime64(3) DEFAULT now64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_migrations/all', '{shard}-{replica}')
ORDER BY name;

---- 0003_create_events.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
(
    id UUID,
    tenant_id String,
    event_type LowCardinality(String),
    entity_type LowCardinality(String),
    entity_id String,
    channel LowCardinality(String),
    contact_id Nullable(String),
    user_id Nullable(String),
    source_type LowCardinality(String),
    source_id Nullable(String),
    campaign_id Nullable(String),
    workflow_id Nullable(String),
    sequence_id Nullable(String),
    template_id Nullable(String),
    metadata String,
    occurred_at DateTime64(3),
    ingested_at DateTime64(3) DEFAULT now64(3),
    step_number Nullable(UInt32),
    enrollment_id Nullable(String),
    surrogate_id UInt32,
    recipient_domain Nullable(String),
    link Nullable(String),
    bounce_class LowCardinality(Nullable(String)),
    INDEX idx_channel channel TYPE bloom_filter GRANULARITY 1,
    INDEX idx_entity_id entity_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_campaign_id campaign_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_contact_id contact_id TYPE bloom_filter GRANULARITY 1,
    PROJECTION totals_by_quarter_hour
    (
        SELECT
            tenant_id,
            toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') AS quarter_hour,
            channel,
            countIf(event_type = 'message_sent'),
            countIf(event_type = 'message_delivered'),
            countIf(event_type = 'message_opened'),
            countIf(event_type = 'message_clicked'),
            countIf(event_type = 'message_bounced'),
            countIf(event_type = 'message_complained'),
            countIf(event_type = 'message_unsubscribed'),
            countIf(event_type = 'message_sent' AND campaign_id IS NOT NULL),
            countIf(event_type = 'message_delivered' AND campaign_id IS NOT NULL),
            countIf(event_type = 'message_opened' AND campaign_id IS NOT NULL),
            countIf(event_type = 'message_clicked' AND campaign_id IS NOT NULL),
            countIf(event_type = 'workflow_run_started' AND workflow_id IS NOT NULL),
            countIf(event_type = 'workflow_run_completed' AND workflow_id IS NOT NULL),
            countIf(event_type = 'workflow_run_failed' AND workflow_id IS NOT NULL),
            countIf(event_type = 'workflow_run_goal_reached' AND workflow_id IS NOT NULL),
            countIf(event_type = 'sequence_step_executed'),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND startsWith(event_type, 'sequence_')),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type = 'sequence_enrollment_replied'),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type = 'sequence_enrollment_completed')
        GROUP BY
            tenant_id,
            quarter_hour,
            channel
    ),
    PROJECTION totals_by_day
    (
        SELECT
            tenant_id,
            toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day,
            event_type,
            channel,
            campaign_id,
            workflow_id,
            sequence_id,
            template_id,
            step_number,
            count(),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0)
        GROUP BY
            tenant_id,
            day,
            event_type,
            channel,
            campaign_id,
            workflow_id,
            sequence_id,
            template_id,
            step_number
    ),
    PROJECTION enrollments_by_day
    (
        SELECT
            tenant_id,
            toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day,
            countIf(event_type = 'sequence_step_executed'),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND startsWith(event_type, 'sequence_')),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type = 'sequence_enrollment_replied'),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type = 'sequence_enrollment_completed'),
            groupBitmapStateIf(surrogate_id, surrogate_id > 0 AND event_type IN ('sequence_enrollment_completed', 'sequence_enrollment_replied', 'sequence_enrollment_exited',
                'sequence_enrollment_unsubscribed', 'sequence_enrollment_bounced'))
        GROUP BY
            tenant_id,
            day
    )
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_events_local/{shard}', '{replica}')
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (tenant_id, event_type, occurred_at, id)
TTL toDateTime(occurred_at) + INTERVAL 2 YEAR
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, materialize_projections_on_insert = 0, materialize_projections_on_merge = 1,
    min_bytes_for_wide_part = 268435456, auto_statistics_types = '';

CREATE TABLE IF NOT EXISTS `analytics`.analytics_events ON CLUSTER `analytics_cluster` AS `analytics`.analytics_events_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_events_local', cityHash64(tenant_id));

---- 0004_create_names.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_names_local ON CLUSTER `analytics_cluster`
(
    tenant_id String,
    kind LowCardinality(String),
    id String,
    latest SimpleAggregateFunction(max, Tuple(occurred_at DateTime64(3), name String))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_names_local/{shard}', '{replica}')
ORDER BY (tenant_id, kind, id);

CREATE TABLE IF NOT EXISTS `analytics`.analytics_names ON CLUSTER `analytics_cluster` AS `analytics`.analytics_names_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_names_local', cityHash64(tenant_id));

---- 0005_create_writers.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_writers ON CLUSTER `analytics_cluster`
(
    writer String,
    epoch SimpleAggregateFunction(max, UInt64)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_writers/all', '{shard}-{replica}')
ORDER BY writer;

---- 0006_create_erasures.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_erasures ON CLUSTER `analytics_cluster`
(
    tenant_id String,
    contact_hash UUID,
    erased_at DateTime64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_erasures/all', '{shard}-{replica}', erased_at)
ORDER BY (tenant_id, contact_hash)
TTL toDateTime(erased_at) + INTERVAL 2 YEAR;

---- 0007_create_surrogate_ids.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_surrogate_ids_local ON CLUSTER `analytics_cluster`
(
    tenant_id String,
    id_hash UUID,
    surrogate_id SimpleAggregateFunction(min, UInt32)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_surrogate_ids_local/{shard}', '{replica}')
ORDER BY (tenant_id, id_hash);

CREATE TABLE IF NOT EXISTS `analytics`.analytics_surrogate_ids ON CLUSTER `analytics_cluster` AS `analytics`.analytics_surrogate_ids_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_surrogate_ids_local', cityHash64(tenant_id));

---- 0008_create_api_keys.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_api_keys ON CLUSTER `analytics_cluster`
(
    id String,
    tenant_id String,
    secret_hash String,
    scopes Array(String),
    created_at DateTime64(3),
    expires_at DateTime64(3),
    revoked_at DateTime64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_api_keys/all', '{shard}-{replica}', revoked_at)
ORDER BY id;

---- 0009_create_request_audit.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_request_audit_local ON CLUSTER `analytics_cluster`
(
    id UUID,
    requested_at DateTime64(3),
    tenant_id String,
    subject String,
    route LowCardinality(String),
    parameters String,
    status UInt16,
    duration_ms UInt32,
    correlation_id String,
    requests UInt32
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_request_audit_local/{shard}', '{replica}')
PARTITION BY toMonday(requested_at, 'UTC')
ORDER BY (tenant_id, requested_at, id)
TTL toDateTime(requested_at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `analytics`.analytics_request_audit ON CLUSTER `analytics_cluster` AS `analytics`.analytics_request_audit_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_request_audit_local', cityHash64(tenant_id));

---- 0010_add_ids_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
    ADD PROJECTION IF NOT EXISTS by_id (SELECT id ORDER BY id) WITH SETTINGS (index_granularity = 256);

---- 0011_create_facts_of_messages.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_message_facts_local ON CLUSTER `analytics_cluster`
(
    tenant_id String,
    rules UInt32,
    sent_at DateTime64(3) CODEC(Delta, ZSTD(1)),
    message_id String,
    message_hash UInt64 CODEC(NONE),
    sign Int8,
    channel LowCardinality(String),
    contact_id Nullable(String),
    source_type LowCardinality(String),
    source_id Nullable(String),
    campaign_id Nullable(String),
    workflow_id Nullable(String),
    sequence_id Nullable(String),
    template_id Nullable(String),
    recipient_domain Nullable(String),
    state UInt32,
    opens UInt32,
    clicks UInt32,
    unknown_events UInt32,
    open_delay Int64,
    click_delay Int64,
    opened_after Int64,
    clicked_after Int64,
    human_opened_after Int64,
    human_clicked_after Int64,
    delivered_after Int64,
    disordered UInt32,
    last_event_at DateTime64(3) CODEC(Delta, LZ4),
    action_classes UInt32,
    events String CODEC(LZ4),
    PROJECTION messages_by_quarter_hour
    (
        SELECT
            tenant_id,
            rules,
            toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') AS quarter_hour,
            channel,
            campaign_id IS NOT NULL AS has_campaign,
            sum(sign * bitTest(state, 0)),
            sum(sign * bitTest(state, 1)),
            sum(sign * bitTest(state, 2)),
            sum(sign * bitTest(state, 3)),
            sum(sign * bitTest(state, 4)),
            sum(sign * bitTest(state, 5)),
            sum(sign * bitTest(state, 6)),
            sum(sign * bitTest(state, 7)),
            sum(sign * bitTest(state, 8)),
            sum(sign * bitTest(state, 9)),
            sum(sign * bitTest(state, 10)),
            sum(sign * bitTest(state, 11)),
            sum(sign * bitTest(state, 12)),
            sum(sign * bitTest(state, 13)),
            sum(sign * bitTest(state, 14)),
            sum(sign * bitTest(state, 15)),
            sum(sign * bitTest(state, 16)),
            sum(sign * bitTest(state, 17)),
            sum(sign * bitTest(state, 18)),
            sum(sign * bitTest(state, 19)),
            sum(sign * bitTest(state, 20)),
            sum(sign * bitTest(state, 21)),
            sum(sign * bitTest(state, 22)),
            sum(sign * bitTest(state, 23)),
            sum(sign * bitTest(state, 24)),
            sum(sign * opens),
            sum(sign * clicks),
            sum(sign * unknown_events),
            max(last_event_at)
        GROUP BY
            tenant_id,
            rules,
            quarter_hour,
            channel,
            has_campaign
    ),
    PROJECTION messages_by_day
    (
        SELECT
            tenant_id,
            rules,
            toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') AS day,
            channel,
            campaign_id,
            template_id,
            sum(sign * bitTest(state, 0)),
            sum(sign * bitTest(state, 1)),
            sum(sign * bitTest(state, 2)),
            sum(sign * bitTest(state, 3)),
            sum(sign * bitTest(state, 4)),
            sum(sign * bitTest(state, 5)),
            sum(sign * bitTest(state, 6)),
            sum(sign * bitTest(state, 7)),
            sum(sign * bitTest(state, 8)),
            sum(sign * bitTest(state, 9)),
            sum(sign * bitTest(state, 10)),
            sum(sign * bitTest(state, 11)),
            sum(sign * bitTest(state, 12)),
            sum(sign * bitTest(state, 13)),
            sum(sign * bitTest(state, 14)),
            sum(sign * bitTest(state, 15)),
            sum(sign * bitTest(state, 16)),
            sum(sign * bitTest(state, 17)),
            sum(sign * bitTest(state, 18)),
            sum(sign * bitTest(state, 19)),
            sum(sign * bitTest(state, 20)),
            sum(sign * bitTest(state, 21)),
            sum(sign * bitTest(state, 22)),
            sum(sign * bitTest(state, 23)),
            sum(sign * bitTest(state, 24)),
            sum(sign * opens),
            sum(sign * clicks),
            sum(sign * unknown_events)
        GROUP BY
            tenant_id,
            rules,
            day,
            channel,
            campaign_id,
            template_id
    ),
    PROJECTION open_delays_by_day
    (
        SELECT
            tenant_id,
            rules,
            bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) AS delay_class,
            toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') AS day,
            channel,
            campaign_id,
            template_id,
            open_delay,
            sum(sign)
        GROUP BY
            tenant_id,
            rules,
            delay_class,
            day,
            channel,
            campaign_id,
            template_id,
            open_delay
    ) WITH SETTINGS (index_granularity = 8192),
    PROJECTION click_delays_by_day
    (
        SELECT
            tenant_id,
            rules,
            bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) AS delay_class,
            toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') AS day,
            channel,
            campaign_id,
            template_id,
            click_delay,
            sum(sign)
        GROUP BY
            tenant_id,
            rules,
            delay_class,
            day,
            channel,
            campaign_id,
            template_id,
            click_delay
    ) WITH SETTINGS (index_granularity = 8192),
    PROJECTION by_message
    (
        SELECT
            message_hash,
            sent_at,
            sum(sign)
        GROUP BY
            message_hash,
            sent_at
    )
)
ENGINE = ReplicatedCollapsingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_message_facts_local/{shard}', '{replica}', sign)
PARTITION BY (rules, toYYYYMM(sent_at))
ORDER BY (tenant_id, rules, sent_at, message_id)
TTL toStartOfMonth(sent_at) + INTERVAL 25 MONTH
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1, deduplicate_merge_projection_mode = 'ignore', materialize_projections_on_insert = 0,
    materialize_projections_on_merge = 1, min_bytes_for_wide_part = 268435456, auto_statistics_types = '';

CREATE TABLE IF NOT EXISTS `analytics`.analytics_message_facts ON CLUSTER `analytics_cluster` AS `analytics`.analytics_message_facts_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_message_facts_local', cityHash64(tenant_id));

---- 0012_create_facts_versions.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_facts_versions ON CLUSTER `analytics_cluster`
(
    number UInt32,
    settings SimpleAggregateFunction(min, Tuple(rules_version UInt32, rules String)),
    state SimpleAggregateFunction(max, UInt32)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_facts_versions/all', '{shard}-{replica}')
ORDER BY number;

---- 0013_create_facts_progress.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_facts_progress ON CLUSTER `analytics_cluster`
(
    number UInt32,
    tenant_partition UInt32,
    revision UInt32,
    wanted String,
    position String,
    events UInt32,
    events_done UInt32,
    is_complete UInt32,
    written_until DateTime64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_facts_progress/all', '{shard}-{replica}', revision)
ORDER BY (number, tenant_partition);

---- 0014_add_ingested_at_index.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
    ADD INDEX IF NOT EXISTS idx_ingested_at ingested_at TYPE minmax GRANULARITY 1;

---- 0015_create_message_recalculations.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_message_recalculations_local ON CLUSTER `analytics_cluster`
(
    tenant_id String,
    request_id UUID,
    message_id String,
    requested_at SimpleAggregateFunction(max, DateTime64(3)),
    is_done SimpleAggregateFunction(max, UInt8)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_message_recalculations_local/{shard}', '{replica}')
ORDER BY (tenant_id, request_id, message_id)
TTL toDateTime(requested_at) + INTERVAL 2 YEAR, toDateTime(requested_at) + INTERVAL 1 DAY DELETE WHERE is_done = 1;

CREATE TABLE IF NOT EXISTS `analytics`.analytics_message_recalculations ON CLUSTER `analytics_cluster` AS `analytics`.analytics_message_recalculations_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_message_recalculations_local', cityHash64(tenant_id));
