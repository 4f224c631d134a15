-- activity_by_quarter_hour answers the same from fewer rows.
ALTER TABLE {database:Identifier}.analytics_events DROP PROJECTION IF EXISTS counts_by_quarter_hour
