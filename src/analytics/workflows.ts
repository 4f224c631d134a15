import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from './buckets.ts'
import { type Dashboard, equalityFilter } from './dashboard.ts'
import { cutPage, type ListOrder, listQuery, nextCursor, pageOf, type PageRequest } from './list-page.ts'
import { findNames } from './names.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
import { COUNT_SQL, countsSql, DAYS, QUARTER_HOURS, sumByBucket } from './roll-up.ts'
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
} from './schemas.ts'

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

export const WorkflowsPage = pageOf(Workflows)
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
const RUNS = Object.entries(RUN_TYPES)
const RUN_NAMES = Object.keys(RUN_TYPES) as (keyof typeof RUN_TYPES)[]
const IS_RUN_SQL = `event_type IN (${RUNS.map(([, type]) => `'${type}'`).join(', ')})`
/** Out of counts by type. */
const OF_TYPES_SQL = RUNS.map(([name, type]) => `sumIf(events, event_type = '${type}') AS ${name}`).join(', ')
const BOUND_COUNTS_SQL = RUNS.map(
  ([name, type]) => `countIf(event_type = '${type}' AND workflow_id IS NOT NULL) AS ${name}`,
).join(', ')

export const workflows: Dashboard<WorkflowsFilters, WorkflowsPage> = async (
  port,
  { tenantId, range, zone, workflowId, ...page },
) => {
  const list = listQuery(page, ORDER)
  const buckets = bucketStarts(range, 'day', zone)
  const filter = equalityFilter('workflow_id', 'workflowId', workflowId)
  const series = countsSql({
    rollUp: workflowId === undefined ? QUARTER_HOURS : undefined,
    range,
    buckets,
    counts: BOUND_COUNTS_SQL,
    eventTypesSql: IS_RUN_SQL,
    filter: filter.sql,
  })
  const byWorkflow = countsSql({
    rollUp: DAYS,
    range,
    keys: ['workflow_id', 'event_type'],
    counts: COUNT_SQL,
    eventTypesSql: IS_RUN_SQL,
    filter: ` AND workflow_id IS NOT NULL${filter.sql}`,
  })
  const topSql = `
    SELECT * FROM (SELECT assumeNotNull(workflow_id) AS workflow, ${OF_TYPES_SQL} FROM ${byWorkflow.sql} GROUP BY workflow)
    WHERE started + completed + failed + goalReached > 0${list.behindSql && ` AND ${list.behindSql}`}
    ORDER BY started DESC, workflow
    LIMIT {rows:UInt32}`
  // Both of one query would be fewer to plan, but slower: every workflow by every day.
  const [counted, rows] = await Promise.all([
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
  const days = sumByBucket(counted, RUN_NAMES)
  const { items: top, end } = cutPage(rows, list, ({ started, workflow }) => ({ order: [started], id: workflow }))
  const name = await findNames(
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
      name: name(workflow),
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
