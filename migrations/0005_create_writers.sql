-- Fencing: each writer's newest epoch. An insert names its own and stores nothing once a newer one has begun.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_writers
(
    writer String,
    epoch  SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY writer
