-- Likewise.
ALTER TABLE {database:Identifier}.analytics_events DROP PROJECTION IF EXISTS activity_by_day
