-- The latest name of each entity: the maximum of (occurred_at, name), so that repeated or reordered writes change nothing.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_names
(
    tenant_id String,
    kind LowCardinality(String),
    id String,
    latest SimpleAggregateFunction(max, Tuple(occurred_at DateTime64(3), name String))
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant_id, kind, id)
