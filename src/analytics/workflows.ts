import { type Static, Type } from '@sinclair/typebox'
import { BUCKET_SQL, bucketStarts, denseSeries, formatInstant } from './buckets.ts'
import { type Dashboard, equalityFilter, IN_RANGE_SQL } from './dashboard.ts'
import { findNames } from './names.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
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

interface Row extends RunCounts {
  bucket: number
  workflow: string
  is_bucket: number
}

const NO_RUNS: RunCounts = { started: 0, completed: 0, failed: 0, goalReached: 0 }

/** Workflows and days in one reading, so that they cannot disagree: all days come back, and the first workflows. */
const sql = (filter: string) => `
  SELECT ${BUCKET_SQL} AS bucket, ifNull(workflow_id, '') AS workflow, grouping(workflow_id) AS is_bucket,
    countIf(event_type = 'workflow_run_started') AS started,
    countIf(event_type = 'workflow_run_completed') AS completed,
    countIf(event_type = 'workflow_run_failed') AS failed,
    countIf(event_type = 'workflow_run_goal_reached') AS goalReached
  FROM analytics_events WHERE tenant_id = {tenant:String} AND startsWith(event_type, 'workflow_run_') AND workflow_id IS NOT NULL
    AND ${IN_RANGE_SQL}${filter}
  GROUP BY GROUPING SETS ((bucket), (workflow_id))
  ORDER BY is_bucket, started DESC, workflow
  LIMIT {limit:UInt32} BY if(is_bucket = 1, bucket, -1)`

export const workflows: Dashboard<WorkflowsFilters, Workflows> = async (
  port,
  { tenantId, range, zone, workflowId, limit = 10 },
) => {
  const buckets = bucketStarts(range, 'day', zone)
  const filter = equalityFilter('workflow_id', 'workflowId', workflowId)
  const rows = await port.query(
    tenantId,
    tenantQuery<Row>('workflows', sql(filter.sql), { ...range, buckets, limit, ...filter.parameters }),
  )
  const days = rows.filter((row) => row.is_bucket === 1)
  const top = rows.filter((row) => row.is_bucket === 0)
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
    timeSeries: denseSeries(buckets, days, (row, start) => {
      const { started, completed, failed, goalReached } = row ?? NO_RUNS
      return { timestamp: formatInstant(start), started, completed, failed, goalReached }
    }),
  }
}
