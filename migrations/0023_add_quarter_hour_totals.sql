-- What time series count, by quarter of an hour (every time zone's days begin on one) and channel, and bitmaps of the enrollments with an event, a reply, a completion.
-- Inside the same parts as the rows: written, merged, dropped together.
ALTER TABLE {database:Identifier}.analytics_events
ADD PROJECTION IF NOT EXISTS totals_by_quarter_hour
(
    SELECT
        tenant_id,
        toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') AS quarter_hour,
        channel,
        countIf(event_type = 'message_sent'),
        countIf(event_type = 'message_delivered'),
        countIf(event_type = 'message_opened'),
        countIf(event_type = 'message_clicked'),
        countIf(event_type = 'message_bounced'),
        countIf(event_type = 'message_complained'),
        countIf(event_type = 'message_unsubscribed'),
        countIf(event_type = 'message_sent' AND campaign_id IS NOT NULL),
        countIf(event_type = 'message_delivered' AND campaign_id IS NOT NULL),
        countIf(event_type = 'message_opened' AND campaign_id IS NOT NULL),
        countIf(event_type = 'message_clicked' AND campaign_id IS NOT NULL),
        countIf(event_type = 'workflow_run_started' AND workflow_id IS NOT NULL),
        countIf(event_type = 'workflow_run_completed' AND workflow_id IS NOT NULL),
        countIf(event_type = 'workflow_run_failed' AND workflow_id IS NOT NULL),
        countIf(event_type = 'workflow_run_goal_reached' AND workflow_id IS NOT NULL),
        countIf(event_type = 'sequence_step_executed'),
        groupBitmapStateIf(member_number, member_number > 0 AND startsWith(event_type, 'sequence_')),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_replied'),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_completed')
    GROUP BY
        tenant_id,
        quarter_hour,
        channel
)
