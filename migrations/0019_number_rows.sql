-- Writes one column of the older parts. The service waits for it, since a row without its number is missing from distinct counts; killed meanwhile, it goes on.
ALTER TABLE {database:Identifier}.analytics_events
UPDATE member_number = joinGet({database:Identifier}.analytics_member_index, 'number',
    toUUID(concat(
        substring(lower(hex(SHA1(if(event_type = 'message_sent',
            concat(unhex('3d9c6f0b8b7e5a419a65b1e4f27c08d6'), tenant_id, '/', ifNull(contact_id, '')),
            concat(unhex('a84e1f570c3d5b928f165e7d20c9b34a'), tenant_id, '/', ifNull(enrollment_id, ''))
        )))) AS digest, 1, 8), '-', substring(digest, 9, 4), '-5', substring(digest, 14, 3), '-',
        substring('89ab89ab89ab89ab', 1 + reinterpretAsUInt8(unhex(concat('0', substring(digest, 17, 1)))), 1), substring(digest, 18, 3), '-', substring(digest, 21, 12)
    )))
WHERE member_number = 0 AND if(event_type = 'message_sent', campaign_id IS NOT NULL AND contact_id IS NOT NULL, startsWith(event_type, 'sequence_') AND enrollment_id IS NOT NULL)
