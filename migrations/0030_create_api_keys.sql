-- API keys, by the hash of their secret. A revoked key is its row once more: the later revocation wins, and 1970 means never.
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
