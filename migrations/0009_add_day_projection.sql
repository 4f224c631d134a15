-- What is counted by campaign, workflow, sequence step and template, and how many rows a tenant has, by UTC day: the days at a range's ends that are not whole in it are read from the rows.
ALTER TABLE {database:Identifier}.analytics_events
ADD PROJECTION IF NOT EXISTS activity_by_day
(
    SELECT
        tenant_id,
        toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day,
        channel,
        campaign_id,
        workflow_id,
        sequence_id,
        template_id,
        step_number,
        count(),
        countIf(event_type = 'message_sent'),
        countIf(event_type = 'message_delivered'),
        countIf(event_type = 'message_opened'),
        countIf(event_type = 'message_clicked'),
        countIf(event_type = 'message_sent' AND contact_id IS NOT NULL),
        countIf(event_type = 'campaign_completed'),
        countIf(event_type = 'workflow_run_started'),
        countIf(event_type = 'workflow_run_completed'),
        countIf(event_type = 'workflow_run_failed'),
        countIf(event_type = 'workflow_run_goal_reached'),
        countIf(event_type = 'sequence_step_executed'),
        countIf(event_type = 'sequence_enrollment_replied')
    GROUP BY
        tenant_id,
        day,
        channel,
        campaign_id,
        workflow_id,
        sequence_id,
        template_id,
        step_number
)
