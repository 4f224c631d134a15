-- The ids in their own order, so that "which of these ids are stored?" costs by the number of ids in question, not by the number of stored rows. The small granularity
-- makes an id cost the reading of 256 ids. Parts get the projection like the other ones (see 0003_create_events.sql); a part without it is read row by row.
ALTER TABLE {database:Identifier}.analytics_events
    ADD PROJECTION IF NOT EXISTS by_id (SELECT id ORDER BY id) WITH SETTINGS (index_granularity = 256)
