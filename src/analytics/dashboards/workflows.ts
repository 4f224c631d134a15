import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
import { namedMetricFields } from '../metric-fields.ts'
import { RUN_METRICS, type RunMetric } from '../metrics.ts'
import { entityIdParameter, pageParameters } from '../parameters.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { cutPage, type ListOrder, listQuery, nextCursor } from '../query/list-page.ts'
import { eventCountsByTypeSql, eventCountsSql, IS_RUN_SQL } from '../query/metric-sql.ts'
import { countsSql, DAILY_ROLL_UP, EVENT_COUNT_SQL, QUARTER_HOUR_ROLL_UP, sumByBucket } from '../query/roll-up.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { entityName, instant, object, text } from '../schemas.ts'
import { bucketStarts, denseSeries, formatInstant } from '../time/buckets.ts'

type RunCounts = Readonly<Record<RunMetric, number>>
const NO_RUNS = Object.fromEntries(RUN_METRICS.map((name) => [name, 0])) as RunCounts

const SUMMARY = namedMetricFields({
  totalRuns: 'runs',
  completedRuns: 'runsCompleted',
  failedRuns: 'runsFailed',
  goalReachedRuns: 'runsGoalReached',
  avgCompletionRate: 'completionRate',
  avgConversionRate: 'conversionRate',
})
const WORKFLOW_METRICS = namedMetricFields({
  runs: 'runs',
  completed: 'runsCompleted',
  failed: 'runsFailed',
  goalReached: 'runsGoalReached',
  completionRate: 'completionRate',
  conversionRate: 'conversionRate',
})
const DAY_COUNTS = namedMetricFields({
  started: 'runs',
  completed: 'runsCompleted',
  failed: 'runsFailed',
  goalReached: 'runsGoalReached',
})

const ORDER: ListOrder = { columns: [['runs', 'DESC']], idSql: 'workflow' }

export type Workflows = Static<typeof workflows.data>

export const workflows = defineDashboard({
  name: 'workflows',
  preset: '30d',
  parameters: { workflowId: entityIdParameter('workflow'), ...pageParameters() },
  data: object(
    {
      summary: object(SUMMARY.schemas, 'Totals of the range.', 'WorkflowsSummary'),
      topWorkflows: Type.Array(
        object(
          { workflowId: text('Id of the workflow'), name: entityName(), ...WORKFLOW_METRICS.schemas },
          'One workflow.',
          'Workflow',
        ),
        { description: 'Most runs first, ties by id.' },
      ),
      timeSeries: Type.Array(
        object({ timestamp: instant('Start of the day'), ...DAY_COUNTS.schemas }, 'Counts of one day.', 'WorkflowsDay'),
        { description: 'One item per day, days without events included. The items add up to the summary.' },
      ),
    },
    'Workflow runs of a range.',
    'Workflows',
  ),
  mainTable: 'topWorkflows',
  mainCount: 'runs',

  async query(port, request) {
    const { tenantId, range, bucketRange, zone, workflowId } = request
    const list = listQuery(request, ORDER)
    const buckets = bucketStarts(bucketRange, 'day', zone)
    const filter = filterSql({ workflowId })
    const series = countsSql({
      rollUp: workflowId === undefined ? QUARTER_HOUR_ROLL_UP : undefined,
      range,
      buckets,
      counts: eventCountsSql(RUN_METRICS, ' AND workflow_id IS NOT NULL'),
      rowsSql: IS_RUN_SQL,
      filter: filter.sql,
    })
    const byWorkflow = countsSql({
      rollUp: DAILY_ROLL_UP,
      range,
      keys: ['workflow_id', 'event_type'],
      counts: EVENT_COUNT_SQL,
      rowsSql: IS_RUN_SQL,
      filter: ` AND workflow_id IS NOT NULL${filter.sql}`,
    })
    const topSql = `
    SELECT * FROM (SELECT assumeNotNull(workflow_id) AS workflow, ${eventCountsByTypeSql(RUN_METRICS)} FROM ${byWorkflow.sql} GROUP BY workflow)
    WHERE ${RUN_METRICS.join(' + ')} > 0${list.afterSql && ` AND ${list.afterSql}`}
    ORDER BY runs DESC, workflow
    LIMIT {rows:UInt32}`
    // One query for both would have less to plan, but it would be slower: it would read every workflow by every day.
    const [days, rows] = await Promise.all([
      port.query(
        tenantId,
        tenantQuery<RunCounts & { bucket: number }>('workflows', `SELECT * FROM ${series.sql}`, {
          ...series.parameters,
          ...filter.parameters,
        }),
      ),
      port.query(
        tenantId,
        tenantQuery<RunCounts & { workflow: string }>('workflows_top', topSql, {
          ...byWorkflow.parameters,
          ...filter.parameters,
          ...list.parameters,
          rows: list.rows,
        }),
      ),
    ])
    const top = cutPage(rows, list, ({ runs, workflow }) => ({ order: [runs], id: workflow }))
    const ids = top.items.map((row) => row.workflow)
    const nameOf = await findEntityNames(port, tenantId, 'workflow', ids)
    return { buckets, days: sumByBucket(days, RUN_METRICS), top, nameOf }
  },

  async shape({ buckets, days, top, nameOf }, request) {
    const total = { ...NO_RUNS }
    for (const row of days) for (const name of RUN_METRICS) total[name] += row[name]
    return {
      summary: SUMMARY.values(total),
      topWorkflows: top.items.map((row) => ({
        workflowId: row.workflow,
        name: nameOf(row.workflow),
        ...WORKFLOW_METRICS.values(row),
      })),
      timeSeries: await denseSeries(buckets, days, (row, start) => ({
        timestamp: formatInstant(start),
        ...DAY_COUNTS.values(row ?? NO_RUNS),
      })),
      ...(await nextCursor(request, [top.end])),
    }
  },

  docs: {
    summary: 'Workflow runs',
    description:
      'Counts of runs that started, completed, failed and reached their goal: in total, by workflow and by day.',
  },
  example: {
    summary: SUMMARY.values({ runs: 270, runsCompleted: 222, runsFailed: 13, runsGoalReached: 76 }),
    topWorkflows: [
      {
        workflowId: 'wf-1',
        name: 'New Alumni Welcome',
        ...WORKFLOW_METRICS.values({ runs: 180, runsCompleted: 144, runsFailed: 10, runsGoalReached: 52 }),
      },
      {
        workflowId: 'wf-2',
        name: 'Lapsed Donor Win-back',
        ...WORKFLOW_METRICS.values({ runs: 90, runsCompleted: 78, runsFailed: 3, runsGoalReached: 24 }),
      },
    ],
    timeSeries: [
      { timestamp: '2026-01-26T00:00:00Z', started: 88, completed: 65, failed: 6, goalReached: 19 },
      { timestamp: '2026-01-27T00:00:00Z', started: 93, completed: 80, failed: 3, goalReached: 26 },
      { timestamp: '2026-01-28T00:00:00Z', started: 89, completed: 77, failed: 4, goalReached: 31 },
    ],
  },
})
