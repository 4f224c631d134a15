/** The counts of events of a query, and their rates. */
import { rate } from '../counting.ts'
import type { Row } from '../history.ts'

const MESSAGE_KINDS = ['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained', 'unsubscribed']
const EVENT_TYPES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(MESSAGE_KINDS.map((kind) => [kind, `message_${kind}`])),
  runs: 'workflow_run_started',
  runsCompleted: 'workflow_run_completed',
  runsFailed: 'workflow_run_failed',
  runsGoalReached: 'workflow_run_goal_reached',
  stepsExecuted: 'sequence_step_executed',
  contactsCreated: 'contact_created',
  contactsUpdated: 'contact_updated',
}
const DISTINCT: Readonly<Record<string, readonly ['campaign' | 'contact' | 'enrollment', RegExp]>> = {
  campaignsStarted: ['campaign', /^campaign_started$/],
  campaignsCompleted: ['campaign', /^campaign_completed$/],
  recipients: ['contact', /^message_sent$/],
  enrollments: ['enrollment', /^sequence_/],
  repliedEnrollments: ['enrollment', /^sequence_enrollment_replied$/],
  completedEnrollments: ['enrollment', /^sequence_enrollment_completed$/],
  endedEnrollments: ['enrollment', /^sequence_enrollment_(completed|replied|exited|unsubscribed|bounced)$/],
}
const RATES: Readonly<Record<string, readonly [string, string]>> = {
  deliveryRate: ['delivered', 'sent'],
  openRate: ['opened', 'delivered'],
  clickRate: ['clicked', 'delivered'],
  bounceRate: ['bounced', 'sent'],
  completionRate: ['runsCompleted', 'runs'],
  failureRate: ['runsFailed', 'runs'],
  conversionRate: ['runsGoalReached', 'runsCompleted'],
  replyRate: ['repliedEnrollments', 'enrollments'],
}
/** Of the rows of one group. */
export function countOfRows(name: string, rows: readonly Row[]): number {
  const ratio = RATES[name]
  if (ratio) return rate(countOfRows(ratio[0], rows), countOfRows(ratio[1], rows))
  const distinct = DISTINCT[name]
  if (!distinct) return rows.filter(({ type }) => type === EVENT_TYPES[name]).length
  const [member, types] = distinct
  const members = rows.filter(({ type }) => types.test(type)).map((row) => row[member])
  return new Set(members.filter((each) => each !== undefined)).size
}
