-- Likewise.
ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION totals_by_day
