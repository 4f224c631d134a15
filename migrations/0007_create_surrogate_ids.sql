-- The surrogate id of each contact that a campaign message was sent to, and of each enrollment, unique within the tenant. The id of the contact or enrollment is kept as
-- a hash only, so that an erased contact leaves no trace here.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_surrogate_ids
(
    tenant_id String,
    id_hash UUID,
    surrogate_id SimpleAggregateFunction(min, UInt32)
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant_id, id_hash)
