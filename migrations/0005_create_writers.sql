-- Fencing: the latest epoch of each writer. An insert carries the epoch that it belongs to and stores nothing once a later epoch has begun.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_writers
(
    writer String,
    epoch SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY writer
