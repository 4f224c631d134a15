-- Likewise.
ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION activity_by_day
