/**
 * The registry of metrics: every number that a dashboard shows, once, with its unit, its definition and the events that it counts. The SQL (query/metric-sql.ts), the schemas and
 * values of responses (metric-fields.ts) and the labels of the page are derived from it. Plain data, because the page in the browser reads it too.
 */
import type { DimensionName } from './dimensions.ts'
import { ACTION_DIMENSIONS, EVENT_DIMENSIONS, JOURNEY_DIMENSIONS, MESSAGE_DIMENSIONS } from './metric-dimensions.ts'
import { rate } from './rates.ts'

/** A count of events of some types. */
export interface EventMetric {
  readonly kind: 'events'
  readonly unit: 'messages' | 'runs' | 'steps' | 'events'
  /** For headings. */
  readonly label: string
  readonly definition: string
  readonly eventTypes: readonly string[]
  /** The dimensions that the metric may be divided by, besides time. */
  readonly dimensions: readonly DimensionName[]
}

/** A count of the distinct campaigns, contacts or enrollments that have an event of some types. */
export interface DistinctMetric extends Omit<EventMetric, 'kind' | 'unit' | 'eventTypes'> {
  readonly kind: 'distinct'
  readonly unit: 'campaigns' | 'contacts' | 'enrollments'
  /** Undefined where an event of any type counts. */
  readonly eventTypes: readonly string[] | EventTypePrefix | undefined
  /** The name of a distinct metric whose members do not count, whenever they had their event before the end of the range. */
  readonly without?: string
}

/** All event types that begin with it. */
export interface EventTypePrefix {
  readonly prefix: string
}

/** One count ÷ another one, in percent. It may be divided by what both counts may be divided by. */
export interface RateMetric {
  readonly kind: 'rate'
  readonly unit: 'percent'
  readonly label: string
  readonly definition: string
  readonly numerator: string
  readonly denominator: string
  /** A further sentence, such as why the rate can exceed 100. */
  readonly note?: string
}

type Described = readonly [label: string, definition: string]

const message = <const Dimensions extends readonly DimensionName[]>(
  [label, definition]: Described,
  eventType: string,
  dimensions: Dimensions,
) => ({ kind: 'events', unit: 'messages', label, definition, eventTypes: [eventType], dimensions }) as const

const MESSAGE_COUNTS = {
  sent: message(['Sent', 'Messages sent'], 'message_sent', MESSAGE_DIMENSIONS),
  delivered: message(['Delivered', 'Messages delivered'], 'message_delivered', MESSAGE_DIMENSIONS),
  opened: message(['Opened', 'Opens of messages, each of them'], 'message_opened', ACTION_DIMENSIONS),
  clicked: message(['Clicked', 'Clicks in messages, each of them'], 'message_clicked', ACTION_DIMENSIONS),
  bounced: message(['Bounced', 'Messages bounced'], 'message_bounced', [...MESSAGE_DIMENSIONS, 'bounceClass']),
  complained: message(['Complained', 'Complaints about messages'], 'message_complained', MESSAGE_DIMENSIONS),
  unsubscribed: message(['Unsubscribed', 'Unsubscriptions'], 'message_unsubscribed', MESSAGE_DIMENSIONS),
} as const satisfies Readonly<Record<string, EventMetric>>
export type MessageMetric = keyof typeof MESSAGE_COUNTS
export const MESSAGE_METRICS = Object.keys(MESSAGE_COUNTS) as MessageMetric[]

const run = ([label, definition]: Described, eventType: string) =>
  ({
    kind: 'events',
    unit: 'runs',
    label,
    definition,
    eventTypes: [eventType],
    dimensions: JOURNEY_DIMENSIONS,
  }) as const

const RUN_COUNTS = {
  runs: run(['Runs', 'Runs started'], 'workflow_run_started'),
  runsCompleted: run(['Completed', 'Runs that completed, excluding failed ones'], 'workflow_run_completed'),
  runsFailed: run(
    ['Failed', 'Runs that failed, including those that completed with the status failed'],
    'workflow_run_failed',
  ),
  runsGoalReached: run(['Goal reached', 'Runs that reached their goal'], 'workflow_run_goal_reached'),
} as const satisfies Readonly<Record<string, EventMetric>>
export type RunMetric = keyof typeof RUN_COUNTS
export const RUN_METRICS = Object.keys(RUN_COUNTS) as RunMetric[]

const STEP_COUNTS = {
  stepsExecuted: {
    kind: 'events',
    unit: 'steps',
    label: 'Executed',
    definition: 'Step executions',
    eventTypes: ['sequence_step_executed'],
    dimensions: JOURNEY_DIMENSIONS,
  },
} as const satisfies Readonly<Record<string, EventMetric>>

const contacts = ([label, definition]: Described, eventType: string) =>
  ({
    kind: 'events',
    unit: 'events',
    label,
    definition,
    eventTypes: [eventType],
    dimensions: EVENT_DIMENSIONS,
  }) as const

const CONTACT_COUNTS = {
  contactsCreated: contacts(['Contacts created', 'Creations of contacts'], 'contact_created'),
  contactsUpdated: contacts(['Contacts updated', 'Updates of contacts'], 'contact_updated'),
} as const satisfies Readonly<Record<string, EventMetric>>

const ANY_SEQUENCE_EVENT = { prefix: 'sequence_' } as const
const enrollments = <const Types extends readonly string[] | EventTypePrefix>(
  [label, definition]: Described,
  eventTypes: Types,
) => ({ kind: 'distinct', unit: 'enrollments', label, definition, eventTypes, dimensions: JOURNEY_DIMENSIONS }) as const

const DISTINCT_COUNTS = {
  campaigns: {
    kind: 'distinct',
    unit: 'campaigns',
    label: 'Campaigns',
    definition: 'Distinct campaigns with any event in the range',
    eventTypes: undefined,
    dimensions: EVENT_DIMENSIONS,
  },
  campaignsStarted: {
    kind: 'distinct',
    unit: 'campaigns',
    label: 'Started',
    definition: 'Distinct campaigns that started in the range',
    eventTypes: ['campaign_started'],
    dimensions: EVENT_DIMENSIONS,
  },
  campaignsCompleted: {
    kind: 'distinct',
    unit: 'campaigns',
    label: 'Completed',
    definition: 'Distinct campaigns that completed in the range',
    eventTypes: ['campaign_completed'],
    dimensions: EVENT_DIMENSIONS,
  },
  recipients: {
    kind: 'distinct',
    unit: 'contacts',
    label: 'Recipients',
    definition: 'Distinct contacts that a message was sent to',
    eventTypes: ['message_sent'],
    dimensions: MESSAGE_DIMENSIONS,
  },
  enrollments: enrollments(
    ['Enrollments', 'Distinct enrollments with any step or enrollment event in the range'],
    ANY_SEQUENCE_EVENT,
  ),
  endedEnrollments: enrollments(
    ['Ended', 'Distinct enrollments that completed, replied, exited, unsubscribed or bounced'],
    ['completed', 'replied', 'exited', 'unsubscribed', 'bounced'].map((outcome) => `sequence_enrollment_${outcome}`),
  ),
  activeEnrollments: {
    ...enrollments(
      [
        'Active',
        'Enrollments that had not completed, replied, exited, unsubscribed or bounced by the end of the range',
      ],
      ANY_SEQUENCE_EVENT,
    ),
    without: 'endedEnrollments',
  },
  completedEnrollments: enrollments(
    ['Completed', 'Distinct enrollments that completed in the range'],
    ['sequence_enrollment_completed'],
  ),
  repliedEnrollments: enrollments(
    ['Replied', 'Distinct enrollments that replied in the range'],
    ['sequence_enrollment_replied'],
  ),
} as const satisfies Readonly<Record<string, DistinctMetric>>

export const COUNTS = { ...MESSAGE_COUNTS, ...RUN_COUNTS, ...STEP_COUNTS, ...CONTACT_COUNTS, ...DISTINCT_COUNTS }
export type CountName = keyof typeof COUNTS

const ratio = <const Numerator extends CountName, const Denominator extends CountName>(
  numerator: Numerator,
  denominator: Denominator,
  [label, definition]: Described,
  note?: string,
) => {
  const described = { label, definition, ...(note === undefined ? {} : { note }) }
  return { kind: 'rate', unit: 'percent', numerator, denominator, ...described } as const
}

const REPEATED_EVENTS_NOTE =
  'Every open and click counts, so it can exceed 100: a message that was delivered once and opened 3 times gives 300.'
const EARLIER_EVENT_NOTE = 'It can exceed 100 where the range holds the later event without the earlier one.'

/** Rates of events, not of messages or runs: they have no upper bound. */
export const RATES = {
  deliveryRate: ratio('delivered', 'sent', ['Delivery rate', 'Deliveries ÷ sends in the range'], EARLIER_EVENT_NOTE),
  openRate: ratio('opened', 'delivered', ['Open rate', 'Opens ÷ deliveries in the range'], REPEATED_EVENTS_NOTE),
  clickRate: ratio('clicked', 'delivered', ['Click rate', 'Clicks ÷ deliveries in the range'], REPEATED_EVENTS_NOTE),
  bounceRate: ratio('bounced', 'sent', ['Bounce rate', 'Bounces ÷ sends in the range'], EARLIER_EVENT_NOTE),
  completionRate: ratio(
    'runsCompleted',
    'runs',
    ['Completion rate', 'Completed ÷ started runs in the range'],
    EARLIER_EVENT_NOTE,
  ),
  failureRate: ratio('runsFailed', 'runs', ['Failure rate', 'Failed ÷ started runs in the range'], EARLIER_EVENT_NOTE),
  conversionRate: ratio(
    'runsGoalReached',
    'runsCompleted',
    ['Conversion rate', 'Goals reached ÷ completed runs in the range'],
    EARLIER_EVENT_NOTE,
  ),
  replyRate: ratio('repliedEnrollments', 'enrollments', ['Reply rate', 'Replied ÷ enrollments']),
} as const satisfies Readonly<Record<string, RateMetric>>
export type RateName = keyof typeof RATES

export type MetricName = CountName | RateName
export type Metric = EventMetric | DistinctMetric | RateMetric
export const METRICS: Readonly<Record<MetricName, Metric>> = { ...COUNTS, ...RATES }

/** The counts that a metric is calculated from. */
export type CountsOf<Name extends MetricName> = Name extends RateName
  ? (typeof RATES)[Name]['numerator' | 'denominator']
  : Name

/** A rate in percent, of the two counts that it divides. */
export function rateOf<Name extends RateName>(name: Name, counts: Readonly<Record<CountsOf<Name>, number>>): number {
  const { numerator, denominator } = RATES[name]
  const values: Readonly<Partial<Record<CountName, number>>> = counts
  return rate(values[numerator]!, values[denominator]!)
}
