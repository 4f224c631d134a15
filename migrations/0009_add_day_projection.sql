-- What is counted by campaign, workflow, sequence step and template, and how many rows a tenant has, by UTC day: the days at a range's ends that are not whole in it are
-- read from the rows. A row a type, as a column each would cost many small tenants too much.
ALTER TABLE {database:Identifier}.analytics_events
ADD PROJECTION IF NOT EXISTS activity_by_day
(
    SELECT
        tenant_id,
        toStartOfInterval(occurred_at, INTERVAL 1 DAY, 'UTC') AS day,
        event_type,
        channel,
        campaign_id,
        workflow_id,
        sequence_id,
        template_id,
        step_number,
        count()
    GROUP BY
        tenant_id,
        day,
        event_type,
        channel,
        campaign_id,
        workflow_id,
        sequence_id,
        template_id,
        step_number
)
