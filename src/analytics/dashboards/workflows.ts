import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from '../time/buckets.ts'
import { type Dashboard, equalityFilter } from '../dashboard.ts'
import { cutPage, type ListOrder, listQuery, nextCursor, withNextCursor, type PageRequest } from '../query/list-page.ts'
import { findEntityNames } from '../query/entity-names.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { rate } from '../rates.ts'
import { EVENT_COUNT_SQL, countsSql, DAILY_ROLL_UP, QUARTER_HOUR_ROLL_UP, sumByBucket } from '../query/roll-up.ts'
import {
  completionRate,
  conversionRate,
  count,
  entityIdParameter,
  instant,
  object,
  pageParameters,
  rangeParameters,
  text,
} from '../schemas.ts'

export const WorkflowsParameters = object(
  { ...rangeParameters('30d'), workflowId: entityIdParameter('workflow'), ...pageParameters() },
  'What the workflows dashboard can be asked.',
)

export const Workflows = object(
  {
    summary: object(
      {
        totalRuns: count('Runs started'),
        completedRuns: count('Runs that completed, excluding failed ones'),
        failedRuns: count('Runs that failed, including those that completed with the status failed'),
        goalReachedRuns: count('Runs that reached their goal'),
        avgCompletionRate: completionRate(),
        avgConversionRate: conversionRate(),
      },
      'Totals of the range.',
      'WorkflowsSummary',
    ),
    topWorkflows: Type.Array(
      object(
        {
          workflowId: text('Id of the workflow'),
          name: text('The latest known name, or the id if no name is known'),
          runs: count('Runs started'),
          completed: count('Runs completed'),
          failed: count('Runs failed'),
          goalReached: count('Runs that reached their goal'),
          completionRate: completionRate(),
          conversionRate: conversionRate(),
        },
        'One workflow.',
        'Workflow',
      ),
      { description: 'Most runs first, ties by id.' },
    ),
    timeSeries: Type.Array(
      object(
        {
          timestamp: instant('Start of the day'),
          started: count('Runs started'),
          completed: count('Runs completed'),
          failed: count('Runs failed'),
          goalReached: count('Runs that reached their goal'),
        },
        'Counts of one day.',
        'WorkflowsDay',
      ),
      { description: 'One item per day, days without events included. The items add up to the summary.' },
    ),
  },
  'Workflow runs of a range.',
  'Workflows',
)
export type Workflows = Static<typeof Workflows>

export const WorkflowsPage = withNextCursor(Workflows)
export type WorkflowsPage = Static<typeof WorkflowsPage>

export interface WorkflowsFilters extends PageRequest {
  readonly workflowId?: string | undefined
}

interface RunCounts {
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly goalReached: number
}

const ORDER: ListOrder = { columns: [['started', 'DESC']], idSql: 'workflow' }

const NO_RUNS: RunCounts = { started: 0, completed: 0, failed: 0, goalReached: 0 }

const RUN_TYPES = {
  started: 'workflow_run_started',
  completed: 'workflow_run_completed',
  failed: 'workflow_run_failed',
  goalReached: 'workflow_run_goal_reached',
} as const
const RUN_ENTRIES = Object.entries(RUN_TYPES)
const RUN_NAMES = Object.keys(RUN_TYPES) as (keyof typeof RUN_TYPES)[]
const IS_RUN_SQL = `event_type IN (${RUN_ENTRIES.map(([, type]) => `'${type}'`).join(', ')})`
/** Out of counts by type. */
const RUN_COUNTS_BY_EVENT_TYPE_SQL = RUN_ENTRIES.map(
  ([name, type]) => `sumIf(events, event_type = '${type}') AS ${name}`,
).join(', ')
const WORKFLOW_RUN_COUNTS_SQL = RUN_ENTRIES.map(
  ([name, type]) => `countIf(event_type = '${type}' AND workflow_id IS NOT NULL) AS ${name}`,
).join(', ')

export const workflowsDashboard: Dashboard<WorkflowsFilters, WorkflowsPage> = async (
  port,
  { tenantId, range, zone, workflowId, ...page },
) => {
  const list = listQuery(page, ORDER)
  const buckets = bucketStarts(range, 'day', zone)
  const filter = equalityFilter('workflow_id', 'workflowId', workflowId)
  const series = countsSql({
    rollUp: workflowId === undefined ? QUARTER_HOUR_ROLL_UP : undefined,
    range,
    buckets,
    counts: WORKFLOW_RUN_COUNTS_SQL,
    eventTypesSql: IS_RUN_SQL,
    filter: filter.sql,
  })
  const byWorkflow = countsSql({
    rollUp: DAILY_ROLL_UP,
    range,
    keys: ['workflow_id', 'event_type'],
    counts: EVENT_COUNT_SQL,
    eventTypesSql: IS_RUN_SQL,
    filter: ` AND workflow_id IS NOT NULL${filter.sql}`,
  })
  const topSql = `
    SELECT * FROM (SELECT assumeNotNull(workflow_id) AS workflow, ${RUN_COUNTS_BY_EVENT_TYPE_SQL} FROM ${byWorkflow.sql} GROUP BY workflow)
    WHERE started + completed + failed + goalReached > 0${list.afterSql && ` AND ${list.afterSql}`}
    ORDER BY started DESC, workflow
    LIMIT {rows:UInt32}`
  // Both of one query would be fewer to plan, but slower: every workflow by every day.
  const [countedRows, rows] = await Promise.all([
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
  const days = sumByBucket(countedRows, RUN_NAMES)
  const { items: top, end } = cutPage(rows, list, ({ started, workflow }) => ({ order: [started], id: workflow }))
  const nameOf = await findEntityNames(
    port,
    tenantId,
    'workflow',
    top.map((row) => row.workflow),
  )
  const total = days.reduce<RunCounts>(
    (sum, row) => ({
      started: sum.started + row.started,
      completed: sum.completed + row.completed,
      failed: sum.failed + row.failed,
      goalReached: sum.goalReached + row.goalReached,
    }),
    NO_RUNS,
  )
  return {
    summary: {
      totalRuns: total.started,
      completedRuns: total.completed,
      failedRuns: total.failed,
      goalReachedRuns: total.goalReached,
      avgCompletionRate: rate(total.completed, total.started),
      avgConversionRate: rate(total.goalReached, total.completed),
    },
    topWorkflows: top.map(({ workflow, started, completed, failed, goalReached }) => ({
      workflowId: workflow,
      name: nameOf(workflow),
      runs: started,
      completed,
      failed,
      goalReached,
      completionRate: rate(completed, started),
      conversionRate: rate(goalReached, completed),
    })),
    timeSeries: await denseSeries(buckets, days, (row, start) => {
      const { started, completed, failed, goalReached } = row ?? NO_RUNS
      return { timestamp: formatInstant(start), started, completed, failed, goalReached }
    }),
    ...(await nextCursor(page, [end])),
  }
}
