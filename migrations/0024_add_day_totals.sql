-- What is counted by campaign, workflow, sequence step and template, with a bitmap of the members, and how many rows a tenant has, by UTC day: the days at a range's ends
-- that are not whole in it are read from the rows. A row a type, as a column each would cost many small tenants too much.
ALTER TABLE {database:Identifier}.analytics_events
ADD PROJECTION IF NOT EXISTS totals_by_day
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
        count(),
        groupBitmapStateIf(member_number, member_number > 0)
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
