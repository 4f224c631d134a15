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
    INDEX idx_channel channel TYPE bloom_filter GRANULARITY 1,
    INDEX idx_entity_id entity_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_campaign_id campaign_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_contact_id contact_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_events_local/{shard}', '{replica}')
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (tenant_id, event_type, occurred_at, id)
TTL toDateTime(occurred_at) + INTERVAL 2 YEAR
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;

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
    epoch  SimpleAggregateFunction(max, UInt64)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_writers/all', '{shard}-{replica}')
ORDER BY writer;

---- 0006_add_counts_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
ADD PROJECTION IF NOT EXISTS counts_by_quarter_hour
(
    SELECT
        tenant_id,
        toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') AS quarter_hour,
        event_type,
        channel,
        count()
    GROUP BY
        tenant_id,
        quarter_hour,
        event_type,
        channel
);

---- 0007_materialize_counts_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MATERIALIZE PROJECTION counts_by_quarter_hour;

---- 0008_add_quarter_hour_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
ADD PROJECTION IF NOT EXISTS activity_by_quarter_hour
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
        countIf(event_type = 'sequence_step_executed')
    GROUP BY
        tenant_id,
        quarter_hour,
        channel
);

---- 0009_add_day_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
ADD PROJECTION IF NOT EXISTS activity_by_day
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
        count()
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
);

---- 0010_materialize_quarter_hour_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MATERIALIZE PROJECTION activity_by_quarter_hour;

---- 0011_materialize_day_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MATERIALIZE PROJECTION activity_by_day;

---- 0012_drop_counts_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` DROP PROJECTION IF EXISTS counts_by_quarter_hour;

---- 0013_create_erasures.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_erasures ON CLUSTER `analytics_cluster`
(
    tenant_id String,
    contact_key UUID,
    erased_at DateTime64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_erasures/all', '{shard}-{replica}', erased_at)
ORDER BY (tenant_id, contact_key)
TTL toDateTime(erased_at) + INTERVAL 2 YEAR;

---- 0014_add_member_number.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` ADD COLUMN IF NOT EXISTS member_number UInt32 DEFAULT 0;

ALTER TABLE `analytics`.analytics_events ON CLUSTER `analytics_cluster` ADD COLUMN IF NOT EXISTS member_number UInt32 DEFAULT 0;

---- 0015_create_members.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_members_local ON CLUSTER `analytics_cluster`
(
    tenant_id String,
    member_key UUID,
    number SimpleAggregateFunction(min, UInt32)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/analytics_cluster/analytics/analytics_members_local/{shard}', '{replica}')
ORDER BY (tenant_id, member_key);

CREATE TABLE IF NOT EXISTS `analytics`.analytics_members ON CLUSTER `analytics_cluster` AS `analytics`.analytics_members_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_members_local', cityHash64(tenant_id));

---- 0016_number_members.sql

SELECT throwIf(count() > 0, 'There are rows from before the cluster, which cannot be numbered.') FROM `analytics`.analytics_events;

---- 0017_create_member_index.sql

SELECT throwIf(count() > 0, 'There are rows from before the cluster, which cannot be numbered.') FROM `analytics`.analytics_events;

---- 0018_fill_member_index.sql

SELECT throwIf(count() > 0, 'There are rows from before the cluster, which cannot be numbered.') FROM `analytics`.analytics_events;

---- 0019_number_rows.sql

SELECT throwIf(count() > 0, 'There are rows from before the cluster, which cannot be numbered.') FROM `analytics`.analytics_events;

---- 0020_drop_member_index.sql

SELECT throwIf(count() > 0, 'There are rows from before the cluster, which cannot be numbered.') FROM `analytics`.analytics_events;

---- 0021_drop_quarter_hour_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` DROP PROJECTION IF EXISTS activity_by_quarter_hour;

---- 0022_drop_day_projection.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` DROP PROJECTION IF EXISTS activity_by_day;

---- 0023_add_quarter_hour_totals.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
ADD PROJECTION IF NOT EXISTS totals_by_quarter_hour
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
        groupBitmapStateIf(member_number, member_number > 0 AND startsWith(event_type, 'sequence_')),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_replied'),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_completed')
    GROUP BY
        tenant_id,
        quarter_hour,
        channel
);

---- 0024_add_day_totals.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
ADD PROJECTION IF NOT EXISTS totals_by_day
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
        groupBitmapStateIf(member_number, member_number > 0)
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
);

---- 0025_add_enrollment_days.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster`
ADD PROJECTION IF NOT EXISTS enrollments_by_day
(
    SELECT
        tenant_id,
        toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day,
        countIf(event_type = 'sequence_step_executed'),
        groupBitmapStateIf(member_number, member_number > 0 AND startsWith(event_type, 'sequence_')),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_replied'),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_completed'),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type IN ('sequence_enrollment_completed', 'sequence_enrollment_replied', 'sequence_enrollment_exited',
            'sequence_enrollment_unsubscribed', 'sequence_enrollment_bounced'))
    GROUP BY
        tenant_id,
        day
);

---- 0026_project_on_merge.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MODIFY SETTING materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;

---- 0027_materialize_quarter_hour_totals.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MATERIALIZE PROJECTION totals_by_quarter_hour;

---- 0028_materialize_day_totals.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MATERIALIZE PROJECTION totals_by_day;

---- 0029_materialize_enrollment_days.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MATERIALIZE PROJECTION enrollments_by_day;

---- 0030_create_api_keys.sql

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

---- 0031_create_request_audit.sql

CREATE TABLE IF NOT EXISTS `analytics`.analytics_request_audit_local ON CLUSTER `analytics_cluster`
(
    id UUID,
    asked_at DateTime64(3),
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
PARTITION BY toMonday(asked_at, 'UTC')
ORDER BY (tenant_id, asked_at, id)
TTL toDateTime(asked_at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

CREATE TABLE IF NOT EXISTS `analytics`.analytics_request_audit ON CLUSTER `analytics_cluster` AS `analytics`.analytics_request_audit_local
ENGINE = Distributed('analytics_cluster', 'analytics', 'analytics_request_audit_local', cityHash64(tenant_id));

---- 0032_fewer_files.sql

ALTER TABLE `analytics`.analytics_events_local ON CLUSTER `analytics_cluster` MODIFY SETTING min_bytes_for_wide_part = 268435456, auto_statistics_types = '';
