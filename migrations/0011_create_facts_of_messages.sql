-- What became of each message: one row per message, always equal to what the stored events of the message say. Engagement counts messages by their first sending.
--
-- A change of a message adds two rows in one insert: its former row with the sign -1, and its new one with the sign 1. Every question is a sum over the signs, so that rows
-- count once before and after the merge that removes such a pair.
--
-- - events: the events of the message in few bytes (src/messages/event-list.ts), from which the facts are calculated again when another event arrives.
-- - state: one bit per condition of the registry of engagement metrics (src/analytics/engagement/engagement-metrics.ts), then one per numerator that is restricted to delivered messages.
-- - rules: the number of the rules that gave opens and clicks their classes (analytics_facts_versions). It is part of the partition key, so that the rows of old rules are
--   dropped, not rewritten.
-- - action_classes: the classes of the opens and clicks. Bit n of the lower six bits is set when an open has the class n of src/analytics/engagement/actor-classes.ts; the next
--   six bits say the same of clicks. Where all opens of a message, or all clicks, have one class, an event has its class without reading the list. 0 without a sending.
-- - open_delay, click_delay: milliseconds from the first delivery, else the first sending, to the first open or click that is not a machine's; -1 without one.
-- - opened_after, clicked_after, human_opened_after, human_clicked_after: milliseconds from the first sending to the first open and click, and to those that are not a
--   machine's: 0 for one before the sending, -1 without one. The decay of engagement counts messages by them.
-- - delivered_after: milliseconds from the first sending to the first delivery, in the same way. Funnels of messages are calculated from these times.
-- - disordered: 1 when the message has several sendings, or a delivery, open or click before the first one. Its funnels are calculated from its events.
-- - max(last_event_at) by quarter hour: whether messages have events after an instant, whose rows then say more than what was known at that instant.
-- - delay_class: classes that ascend with the delays, so that the delays of one class are found by the index (src/analytics/engagement/median-delays.ts).
-- - sent_at: the first sending. A message without one has the time of its first event and counts nowhere: its state and counts are 0, its delays -1.
--
-- A month expires as a whole, when its last sending is two years old: if single rows or parts expired, a row could go before the row that removes it, and the sums of the rest
-- would be wrong.
--
-- Settings:
-- - deduplicate_merge_projection_mode = 'ignore': projections are merged as they are. Signed sums do not change when a pair of rows is removed.
-- - default_compression_codec = 'ZSTD(1)': rows and projections take a quarter less than with LZ4, for a tenth more time of an insert and of a lookup. Lists of events are half
--   ids, which ZSTD hardly makes smaller.
-- - materialize_projections_on_insert = 0: a part gets its projections at its first merge, as those of events do (0003). Each projection would add 6 to 10 ms of processor
--   time to an insert, however few its rows are. Parts with and without projections are never merged with each other.
CREATE TABLE IF NOT EXISTS {database:Identifier}.analytics_message_facts
(
    tenant_id String,
    rules UInt32,
    sent_at DateTime64(3) CODEC(Delta, ZSTD(1)),
    message_id String,
    message_hash UInt64 CODEC(NONE),
    sign Int8,
    channel LowCardinality(String),
    contact_id Nullable(String),
    source_type LowCardinality(String),
    source_id Nullable(String),
    campaign_id Nullable(String),
    workflow_id Nullable(String),
    sequence_id Nullable(String),
    template_id Nullable(String),
    recipient_domain Nullable(String),
    state UInt32,
    opens UInt32,
    clicks UInt32,
    unknown_events UInt32,
    open_delay Int64,
    click_delay Int64,
    opened_after Int64,
    clicked_after Int64,
    human_opened_after Int64,
    human_clicked_after Int64,
    delivered_after Int64,
    disordered UInt32,
    last_event_at DateTime64(3) CODEC(Delta, LZ4),
    action_classes UInt32,
    events String CODEC(LZ4),
    PROJECTION messages_by_quarter_hour
    (
        SELECT
            tenant_id,
            rules,
            toStartOfInterval(sent_at, INTERVAL 15 MINUTE, 'UTC') AS quarter_hour,
            channel,
            campaign_id IS NOT NULL AS has_campaign,
            sum(sign * bitTest(state, 0)),
            sum(sign * bitTest(state, 1)),
            sum(sign * bitTest(state, 2)),
            sum(sign * bitTest(state, 3)),
            sum(sign * bitTest(state, 4)),
            sum(sign * bitTest(state, 5)),
            sum(sign * bitTest(state, 6)),
            sum(sign * bitTest(state, 7)),
            sum(sign * bitTest(state, 8)),
            sum(sign * bitTest(state, 9)),
            sum(sign * bitTest(state, 10)),
            sum(sign * bitTest(state, 11)),
            sum(sign * bitTest(state, 12)),
            sum(sign * bitTest(state, 13)),
            sum(sign * bitTest(state, 14)),
            sum(sign * bitTest(state, 15)),
            sum(sign * bitTest(state, 16)),
            sum(sign * bitTest(state, 17)),
            sum(sign * bitTest(state, 18)),
            sum(sign * bitTest(state, 19)),
            sum(sign * bitTest(state, 20)),
            sum(sign * bitTest(state, 21)),
            sum(sign * bitTest(state, 22)),
            sum(sign * bitTest(state, 23)),
            sum(sign * bitTest(state, 24)),
            sum(sign * opens),
            sum(sign * clicks),
            sum(sign * unknown_events),
            max(last_event_at)
        GROUP BY
            tenant_id,
            rules,
            quarter_hour,
            channel,
            has_campaign
    ),
    PROJECTION messages_by_day
    (
        SELECT
            tenant_id,
            rules,
            toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') AS day,
            channel,
            campaign_id,
            template_id,
            sum(sign * bitTest(state, 0)),
            sum(sign * bitTest(state, 1)),
            sum(sign * bitTest(state, 2)),
            sum(sign * bitTest(state, 3)),
            sum(sign * bitTest(state, 4)),
            sum(sign * bitTest(state, 5)),
            sum(sign * bitTest(state, 6)),
            sum(sign * bitTest(state, 7)),
            sum(sign * bitTest(state, 8)),
            sum(sign * bitTest(state, 9)),
            sum(sign * bitTest(state, 10)),
            sum(sign * bitTest(state, 11)),
            sum(sign * bitTest(state, 12)),
            sum(sign * bitTest(state, 13)),
            sum(sign * bitTest(state, 14)),
            sum(sign * bitTest(state, 15)),
            sum(sign * bitTest(state, 16)),
            sum(sign * bitTest(state, 17)),
            sum(sign * bitTest(state, 18)),
            sum(sign * bitTest(state, 19)),
            sum(sign * bitTest(state, 20)),
            sum(sign * bitTest(state, 21)),
            sum(sign * bitTest(state, 22)),
            sum(sign * bitTest(state, 23)),
            sum(sign * bitTest(state, 24)),
            sum(sign * opens),
            sum(sign * clicks),
            sum(sign * unknown_events)
        GROUP BY
            tenant_id,
            rules,
            day,
            channel,
            campaign_id,
            template_id
    ),
    PROJECTION open_delays_by_day
    (
        SELECT
            tenant_id,
            rules,
            bitShiftRight(reinterpretAsUInt32(toFloat32(open_delay)), 18) AS delay_class,
            toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') AS day,
            channel,
            campaign_id,
            template_id,
            open_delay,
            sum(sign)
        GROUP BY
            tenant_id,
            rules,
            delay_class,
            day,
            channel,
            campaign_id,
            template_id,
            open_delay
    ) WITH SETTINGS (index_granularity = 8192),
    PROJECTION click_delays_by_day
    (
        SELECT
            tenant_id,
            rules,
            bitShiftRight(reinterpretAsUInt32(toFloat32(click_delay)), 18) AS delay_class,
            toStartOfInterval(sent_at, INTERVAL 1 DAY, 'UTC') AS day,
            channel,
            campaign_id,
            template_id,
            click_delay,
            sum(sign)
        GROUP BY
            tenant_id,
            rules,
            delay_class,
            day,
            channel,
            campaign_id,
            template_id,
            click_delay
    ) WITH SETTINGS (index_granularity = 8192),
    PROJECTION by_message
    (
        SELECT
            message_hash,
            sent_at,
            sum(sign)
        GROUP BY
            message_hash,
            sent_at
    )
)
ENGINE = CollapsingMergeTree(sign)
PARTITION BY (rules, toYYYYMM(sent_at))
ORDER BY (tenant_id, rules, sent_at, message_id)
TTL toStartOfMonth(sent_at) + INTERVAL 25 MONTH
SETTINGS index_granularity = 1024, default_compression_codec = 'ZSTD(1)', ttl_only_drop_parts = 1, deduplicate_merge_projection_mode = 'ignore', materialize_projections_on_insert = 0,
    materialize_projections_on_merge = 1, min_bytes_for_wide_part = 268435456, auto_statistics_types = ''
