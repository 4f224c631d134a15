-- One row per event. The columns up to ingested_at, the partitioning, the order, the TTL and the indexes are public: users query this table with their own tools.
--
-- surrogate_id is the id, within the tenant, of what the row counts distinctly: the contact that a campaign message was sent to, or the enrollment of a sequence event;
-- 0 where the row has neither. Sets of these small integers are bitmaps, which makes distinct counts exact and cheap (see analytics_surrogate_ids).
--
-- recipient_domain, link (of opens and clicks) and bounce_class (of bounces) are what reports group events by, taken from metadata when the event is stored
-- (src/clickhouse/write/metadata-columns.ts).
--
-- Projections are stored inside the same parts as the rows that they aggregate: both are written, merged and dropped together and can never disagree.
-- - totals_by_quarter_hour: the counts of time series, and bitmaps of the enrollments with an event, a reply and a completion, per quarter of an hour and channel. Days
--   of every time zone begin on a quarter of an hour.
-- - totals_by_day: the counts per campaign, workflow, sequence step and template, with a bitmap of surrogate ids, per UTC day. Incomplete days at the ends of a range
--   are read from the rows. It has one row per event type, since one column per type would be mostly zeros for many small tenants.
-- - enrollments_by_day: only bitmaps of enrollments, per UTC day. Surrogate ids are assigned in the order of arrival, so that the ids of one day are close together and
--   a bitmap is small. Counting enrollments that have ended reads years of them.
--
-- Settings:
-- - materialize_projections_on_insert = 0, materialize_projections_on_merge = 1: a part gets its projections at its first merge. An insert then takes a quarter less
--   work, and reading the rows of a few new parts is as fast as reading their projections. The hourly maintenance builds projections for parts that were not merged.
-- - min_bytes_for_wide_part = 256 MiB (in memory): a smaller part is one file for all columns, and each of its projections is one file. A dashboard reads a dozen
--   columns of ten parts, and opening one file per column took longer than reading the data.
-- - auto_statistics_types = '': column statistics, which the engine keeps by default, cost a tenth of each merge, and no query uses them.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_events
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
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (tenant_id, event_type, occurred_at, id)
TTL toDateTime(occurred_at) + INTERVAL 2 YEAR
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1, materialize_projections_on_insert = 0, materialize_projections_on_merge = 1,
    min_bytes_for_wide_part = 268435456, auto_statistics_types = ''
