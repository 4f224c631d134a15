DROP TABLE IF EXISTS {database:Identifier}.analytics_member_index SYNC
