-- The time of storing, so that the events that were stored last are found without reading this column of all rows: after a crash their facts are completed
-- (analytics_facts_progress).
ALTER TABLE {database:Identifier}.analytics_events
    ADD INDEX IF NOT EXISTS idx_ingested_at ingested_at TYPE minmax GRANULARITY 1
