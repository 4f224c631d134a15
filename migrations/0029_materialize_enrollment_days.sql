-- Likewise.
ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION enrollments_by_day
