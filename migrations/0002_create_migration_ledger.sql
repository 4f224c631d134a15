CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_migrations
(
    name String,
    checksum String,
    applied_at DateTime64(3) DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY name
