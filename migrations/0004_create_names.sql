-- The newest name of each entity: max over (instant, name), so that repeated and reordered writes change nothing.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_names
(
    tenant_id String,
    kind LowCardinality(String),
    id String,
    latest SimpleAggregateFunction(max, Tuple(occurred_at DateTime64(3), name String))
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant_id, kind, id)
