-- Numbers for the members of rows that were stored before there were any, in the order in which they first appear. The key is a UUID of version 5, as the service makes it
-- (src/events/identity.ts); which rows have a member, and whom, is said in src/clickhouse/write/surrogate-ids.ts too.
INSERT INTO {database:Identifier}.analytics_members (tenant_id, member_key, number)
SELECT tenant_id, key, row_number() OVER (PARTITION BY tenant_id ORDER BY first_at, key)
FROM
(
    SELECT
        tenant_id,
        toUUID(concat(
            substring(lower(hex(SHA1(if(event_type = 'message_sent',
                concat(unhex('3d9c6f0b8b7e5a419a65b1e4f27c08d6'), tenant_id, '/', ifNull(contact_id, '')),
                concat(unhex('a84e1f570c3d5b928f165e7d20c9b34a'), tenant_id, '/', ifNull(enrollment_id, ''))
            )))) AS digest, 1, 8), '-', substring(digest, 9, 4), '-5', substring(digest, 14, 3), '-',
            substring('89ab89ab89ab89ab', 1 + reinterpretAsUInt8(unhex(concat('0', substring(digest, 17, 1)))), 1), substring(digest, 18, 3), '-', substring(digest, 21, 12)
        )) AS key,
        min(occurred_at) AS first_at
    FROM {database:Identifier}.analytics_events
    WHERE if(event_type = 'message_sent', campaign_id IS NOT NULL AND contact_id IS NOT NULL, startsWith(event_type, 'sequence_') AND enrollment_id IS NOT NULL)
    GROUP BY tenant_id, key
)
SETTINGS async_insert = 0
