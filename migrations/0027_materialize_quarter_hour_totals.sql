-- For rows that were stored before; goes on in the background, also over restarts, and is seen in system.mutations.
ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION totals_by_quarter_hour
