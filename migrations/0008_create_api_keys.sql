-- API keys, with the hash of their secret. Revoking a key inserts its row again with the time of revocation, which replaces the first one; 1970 stands for never.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_api_keys
(
    id String,
    tenant_id String,
    secret_hash String,
    scopes Array(String),
    created_at DateTime64(3),
    expires_at DateTime64(3),
    revoked_at DateTime64(3)
)
ENGINE = ReplacingMergeTree(revoked_at)
ORDER BY id
