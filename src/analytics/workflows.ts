import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant } from './buckets.ts'
import { type Dashboard, equalityFilter } from './dashboard.ts'
import { findNames } from './names.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
import { COUNT_SQL, countsSql, DAYS, QUARTER_HOURS, sumByBucket } from './roll-up.ts'
import {
  count,
  entityIdParameter,
  instant,
  limitParameter,
  object,
  percentage,
  rangeParameters,
  text,
} from './schemas.ts'

export const WorkflowsParameters = object(
  { ...rangeParameters('30d'), workflowId: entityIdParameter('workflow'), limit: limitParameter() },
  'What the workflows dashboard can be asked.',
)

export const Workflows = object(
  {
    summary: object(
      {
        totalRuns: count('Runs started'),
        completedRuns: count('Runs completed, failed ones aside'),
        failedRuns: count('Runs failed, also those that completed as failed'),
        goalReachedRuns: count('Runs that reached their goal'),
        avgCompletionRate: percentage('Completed ÷ started'),
        avgConversionRate: percentage('Goal reached ÷ completed'),
      },
      'Totals of the range.',
    ),
    topWorkflows: Type.Array(
      object(
        {
          workflowId: text('Id of the workflow'),
          name: text('Its newest known name, else its id'),
          runs: count('Runs started'),
          completed: count('Runs completed'),
          failed: count('Runs failed'),
          goalReached: count('Runs that reached their goal'),
          completionRate: percentage('Completed ÷ started'),
          conversionRate: percentage('Goal reached ÷ completed'),
        },
        'One workflow.',
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
      ),
      { description: 'One item a day, days without events included; they add up to the summary.' },
    ),
  },
  'Workflow runs of a range.',
)
export type Workflows = Static<typeof Workflows>

export interface WorkflowsFilters {
  readonly workflowId?: string | undefined
  readonly limit?: number | undefined
}

interface RunCounts {
  readonly started: number
  readonly completed: number
  readonly failed: number
  readonly goalReached: number
}

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

export const workflows: Dashboard<WorkflowsFilters, Workflows> = async (
  port,
  { tenantId, range, zone, workflowId, limit = 10 },
) => {
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
    WHERE started + completed + failed + goalReached > 0
    ORDER BY started DESC, workflow
    LIMIT {limit:UInt32}`
  // Both of one query would be fewer to plan, but slower: every workflow by every day.
  const [counted, top] = await Promise.all([
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
        limit,
      }),
    ),
  ])
  const days = sumByBucket(counted, RUN_NAMES)
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
  }
}
