-- Who asked what, for 90 days: of parameters their names, and values only where there is a closed list of them. A week is dropped as a whole.
-- What was asked again and answered by 304, and refused credentials beyond a few, are counted: one row for many requests, without a correlation id.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_request_audit
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
ENGINE = MergeTree
PARTITION BY toMonday(asked_at, 'UTC')
ORDER BY (tenant_id, asked_at, id)
TTL toDateTime(asked_at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1
