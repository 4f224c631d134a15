-- Who has which number. The key is a hash of the contact's or the enrollment's id, so that erasing a contact leaves nothing of it here either.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_members
(
    tenant_id String,
    member_key UUID,
    number SimpleAggregateFunction(min, UInt32)
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant_id, member_key)
