-- Bitmaps of enrollments by UTC day and nothing else: numbers are given in the order of time, so that a day's are close together and small. Years of them are read at once,
-- which is what telling who has ended takes.
ALTER TABLE {database:Identifier}.analytics_events
ADD PROJECTION IF NOT EXISTS enrollments_by_day
(
    SELECT
        tenant_id,
        toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day,
        countIf(event_type = 'sequence_step_executed'),
        groupBitmapStateIf(member_number, member_number > 0 AND startsWith(event_type, 'sequence_')),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_replied'),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type = 'sequence_enrollment_completed'),
        groupBitmapStateIf(member_number, member_number > 0 AND event_type IN ('sequence_enrollment_completed', 'sequence_enrollment_replied', 'sequence_enrollment_exited',
            'sequence_enrollment_unsubscribed', 'sequence_enrollment_bounced'))
    GROUP BY
        tenant_id,
        day
)
