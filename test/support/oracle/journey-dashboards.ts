import { type Question, count, groups, rate, series, top, within } from './counting.ts'
import type { Row } from './history.ts'

const ENDINGS = ['completed', 'replied', 'exited', 'unsubscribed', 'bounced'].map((end) => `sequence_enrollment_${end}`)

function workflows(question: Question) {
  const { workflowId, limit } = question.filters
  const rows = within(question.history.rows, question.range).filter(
    (row) => row.type.startsWith('workflow_run_') && (workflowId === undefined || row.workflow === workflowId),
  )
  const total = runCounts(rows)
  const topWorkflows = [...groups(rows, (row) => row.workflow)].map(([id, ofWorkflow]) => {
    const { started, completed, failed, goalReached } = runCounts(ofWorkflow)
    return {
      workflowId: id,
      name: question.history.nameOf('workflow', id),
      runs: started,
      completed,
      failed,
      goalReached,
      completionRate: rate(completed, started),
      conversionRate: rate(goalReached, completed),
    }
  })
  return {
    summary: {
      totalRuns: total.started,
      completedRuns: total.completed,
      failedRuns: total.failed,
      goalReachedRuns: total.goalReached,
      avgCompletionRate: rate(total.completed, total.started),
      avgConversionRate: rate(total.goalReached, total.completed),
    },
    topWorkflows: top(topWorkflows, 'runs', 'workflowId', limit),
    timeSeries: series(rows, question, 'day', runCounts),
  }
}

function runCounts(rows: readonly Row[]) {
  return {
    started: count(rows, 'workflow_run_started'),
    completed: count(rows, 'workflow_run_completed'),
    failed: count(rows, 'workflow_run_failed'),
    goalReached: count(rows, 'workflow_run_goal_reached'),
  }
}

function sequences(question: Question) {
  const { sequenceId, limit } = question.filters
  const everything = question.history.rows.filter(
    (row) => row.type.startsWith('sequence_') && (sequenceId === undefined || row.sequence === sequenceId),
  )
  const rows = within(everything, question.range)
  // An enrollment that ended before the range is not active in it, so this examines all events.
  const ended = enrollmentsIn(
    everything.filter((row) => row.atMs <= question.range.endMs && ENDINGS.includes(row.type)),
  )
  const total = enrollmentCounts(rows, ended)
  const topSequences = [...groups(rows, (row) => row.sequence)].map(([id, ofSequence]) => {
    const counts = enrollmentCounts(ofSequence, ended)
    return {
      sequenceId: id,
      name: question.history.nameOf('sequence', id),
      ...counts,
      replyRate: rate(counts.replied, counts.enrollments),
    }
  })
  return {
    summary: {
      totalEnrollments: total.enrollments,
      activeEnrollments: total.active,
      completedEnrollments: total.completed,
      repliedEnrollments: total.replied,
      avgReplyRate: rate(total.replied, total.enrollments),
    },
    stepFunnel: stepFunnel(rows),
    topSequences: top(topSequences, 'enrollments', 'sequenceId', limit),
    timeSeries: enrollmentSeries(rows, question),
  }
}

function enrollmentCounts(rows: readonly Row[], ended: ReadonlySet<string>) {
  const enrolled = enrollmentsIn(rows)
  return {
    enrollments: enrolled.size,
    active: [...enrolled].filter((enrollment) => !ended.has(enrollment)).length,
    completed: enrollmentsIn(rows.filter(isCompletion)).size,
    replied: enrollmentsIn(rows.filter(isReply)).size,
  }
}

function stepFunnel(rows: readonly Row[]) {
  const counted = rows.filter((row) => row.type === 'sequence_step_executed' || isReply(row))
  return [...groups(counted, (row) => row.step)]
    .map(([stepNumber, ofStep]) => ({
      stepNumber,
      executed: count(ofStep, 'sequence_step_executed'),
      replied: count(ofStep, 'sequence_enrollment_replied'),
    }))
    .sort((a, b) => a.stepNumber - b.stepNumber)
}

/** Each enrollment is counted once, at its first event in the range, so that the series adds up to the summary. */
function enrollmentSeries(rows: readonly Row[], question: Question) {
  const enrolled = new Set(firstOfEach(rows))
  const replied = new Set(firstOfEach(rows.filter(isReply)))
  const completed = new Set(firstOfEach(rows.filter(isCompletion)))
  return series(rows, question, 'day', (inBucket) => ({
    enrolled: inBucket.filter((row) => enrolled.has(row)).length,
    executed: count(inBucket, 'sequence_step_executed'),
    replied: inBucket.filter((row) => replied.has(row)).length,
    completed: inBucket.filter((row) => completed.has(row)).length,
  }))
}

function firstOfEach(rows: readonly Row[]): Row[] {
  return [...groups(rows, (row) => row.enrollment).values()].map((own) =>
    own.reduce((first, row) => (row.atMs < first.atMs ? row : first)),
  )
}

function enrollmentsIn(rows: readonly Row[]): Set<string> {
  return new Set(groups(rows, (row) => row.enrollment).keys())
}

function isCompletion(row: Row): boolean {
  return row.type === 'sequence_enrollment_completed'
}

function isReply(row: Row): boolean {
  return row.type === 'sequence_enrollment_replied'
}

/** Each dashboard of runs and enrollments with the default range and granularity. */
export const JOURNEY_DASHBOARDS = {
  workflows: { calculate: workflows, timeRange: '30d', granularity: 'day' },
  sequences: { calculate: sequences, timeRange: '30d', granularity: 'day' },
} as const
