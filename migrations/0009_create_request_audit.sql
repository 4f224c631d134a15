-- The request audit: which client requested which route, kept for 90 days and dropped by whole weeks. Query parameters are recorded by name; their values only where the
-- set of allowed values is closed. Repeated requests that were answered with 304, and failed authentications above a limit, are counted in one row without a
-- correlation id.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_request_audit
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
ENGINE = MergeTree
PARTITION BY toMonday(requested_at, 'UTC')
ORDER BY (tenant_id, requested_at, id)
TTL toDateTime(requested_at) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1
