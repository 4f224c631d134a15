-- Its rows are more than ten times those of activity_by_quarter_hour, which answers the same.
ALTER TABLE {database:Identifier}.analytics_events DROP PROJECTION IF EXISTS counts_by_quarter_hour
