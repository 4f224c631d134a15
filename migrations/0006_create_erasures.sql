-- Contacts that were erased, by a hash of their id: events of such a contact that occurred up to erased_at are not stored again. Rows expire with the retention of
-- events, since older events are rejected anyway.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_erasures
(
    tenant_id String,
    contact_hash UUID,
    erased_at DateTime64(3)
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (tenant_id, contact_hash)
TTL toDateTime(erased_at) + INTERVAL 2 YEAR
