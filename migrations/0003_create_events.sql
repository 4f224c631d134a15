-- One row an event. The columns up to ingested_at, partitioning, order, TTL and indexes are public: people query them with their own tools.
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
    INDEX idx_channel channel TYPE bloom_filter GRANULARITY 1,
    INDEX idx_entity_id entity_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_campaign_id campaign_id TYPE bloom_filter GRANULARITY 1,
    INDEX idx_contact_id contact_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (tenant_id, event_type, occurred_at, id)
TTL toDateTime(occurred_at) + INTERVAL 2 YEAR
SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1
