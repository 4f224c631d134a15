-- Contacts that were erased, by a hash of their ids: what happened to them up to then is not stored again. Older events than the retention are refused anyway.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_erasures
(
    tenant_id String,
    contact_key UUID,
    erased_at DateTime64(3)
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (tenant_id, contact_key)
TTL toDateTime(erased_at) + INTERVAL 2 YEAR
