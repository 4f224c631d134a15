-- The next ones hold what it does, and bitmaps of members besides.
ALTER TABLE {database:Identifier}.analytics_events DROP PROJECTION IF EXISTS activity_by_quarter_hour
