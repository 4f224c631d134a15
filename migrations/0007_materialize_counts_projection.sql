-- For rows that were stored before the projection was added; goes on in the background.
ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION counts_by_quarter_hour
