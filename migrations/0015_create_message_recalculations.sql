-- Messages whose facts have to be calculated again, because events of them are being erased. The process that stores the events of the tenant does that, and marks them as
-- done; with no such process, the command that erases does. A row that is not done expires with the retention of events.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_message_recalculations
(
    tenant_id String,
    request_id UUID,
    message_id String,
    requested_at SimpleAggregateFunction(max, DateTime64(3)),
    is_done SimpleAggregateFunction(max, UInt8)
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant_id, request_id, message_id)
TTL toDateTime(requested_at) + INTERVAL 2 YEAR, toDateTime(requested_at) + INTERVAL 1 DAY DELETE WHERE is_done = 1
