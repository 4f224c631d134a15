-- Counts by quarter of an hour, type and channel, inside the same parts as the rows they count: written, merged and dropped together. Quarters, as every time zone's
-- days begin on one.
ALTER TABLE {database:Identifier}.analytics_events
ADD PROJECTION IF NOT EXISTS counts_by_quarter_hour
(
    SELECT
        tenant_id,
        toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') AS quarter_hour,
        event_type,
        channel,
        count()
    GROUP BY
        tenant_id,
        quarter_hour,
        event_type,
        channel
)
