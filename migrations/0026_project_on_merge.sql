-- A part gets its projections when it is first merged, not when it is inserted: a quarter less work for an insert, and reading the rows of a few new parts takes no
-- longer than reading their projections. What is not merged within the hour gets them from the hourly refresh.
ALTER TABLE {database:Identifier}.analytics_events MODIFY SETTING materialize_projections_on_insert = 0, materialize_projections_on_merge = 1
