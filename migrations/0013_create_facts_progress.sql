-- How far each version of the facts of messages is, by partition of tenants (one partition where a single process stores everything).
--
-- - revision: the row with the highest one counts.
-- - wanted: a hash of the rules that the process which stores the partition is configured with. A version is begun when all of them agree.
-- - position: the place in the stored events up to which the version was built; a JSON text.
-- - events, events_done: the stored events when the build began, and those that it has read.
-- - is_complete: 1 when the version contains all events of the partition.
-- - written_until: the version contains every event that was stored before this instant and that the build has reached.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_facts_progress
(
    number UInt32,
    tenant_partition UInt32,
    revision UInt32,
    wanted String,
    position String,
    events UInt32,
    events_done UInt32,
    is_complete UInt32,
    written_until DateTime64(3)
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY (number, tenant_partition)
