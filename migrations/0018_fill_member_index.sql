INSERT INTO {database:Identifier}.analytics_member_index (member_key, number)
SELECT member_key, min(number) FROM {database:Identifier}.analytics_members GROUP BY member_key
SETTINGS async_insert = 0
