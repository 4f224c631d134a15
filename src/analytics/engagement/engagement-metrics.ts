/**
 * The registry of the engagement metrics: what became of messages. A message counts in the range and under the dimensions of its first sending. Plain data like metrics.ts:
 * calculations, SQL, schemas, documentation and labels are derived from it.
 */
import type { DimensionName } from '../dimensions.ts'
import { OWN_ACTION_DIMENSIONS, SENDING_DIMENSIONS } from '../metric-dimensions.ts'
import type { MessageCondition, RestrictedCondition } from './message-conditions.ts'

interface Described {
  readonly kind: 'engagement'
  /** The dimensions that the metric may be divided by, besides time. */
  readonly dimensions: readonly DimensionName[]
  /** For headings. */
  readonly label: string
  readonly definition: string
}

/** A count of messages that meet a condition. */
export interface EngagementCount extends Described {
  readonly unit: 'messages'
  readonly condition: MessageCondition
}

/** One count ÷ another one, in percent. It never exceeds 100. */
export interface EngagementRate extends Described {
  readonly unit: 'percent'
  readonly numerator: MessageCondition
  readonly denominator: MessageCondition
  /** Whether the messages of the numerator have to meet the condition of the denominator too. */
  readonly isRestricted: boolean
}

/** A share of events in percent: those of the class unknown among all opens and clicks. */
export interface EngagementShare extends Described {
  readonly unit: 'percent'
  readonly numerator: 'unknownEvents'
  readonly denominator: 'openAndClickEvents'
}

/** The median time from the first delivery, else the first sending, to an event; of an even number the lower of the two middle ones. */
export interface EngagementMedian extends Described {
  readonly unit: 'seconds'
  readonly until: 'firstHumanOpen' | 'firstHumanClick'
}

export type EngagementMetric = EngagementCount | EngagementRate | EngagementShare | EngagementMedian

const count = (
  label: string,
  condition: MessageCondition,
  definition: string,
  ownDimensions: readonly DimensionName[] = [],
) =>
  ({
    kind: 'engagement',
    dimensions: [...SENDING_DIMENSIONS, ...ownDimensions],
    unit: 'messages',
    label,
    condition,
    definition,
  }) as const

export const ENGAGEMENT_COUNTS = {
  messages: count('Messages', 'sent', 'Messages whose first sending lies in the range'),
  deliveredMessages: count('Delivered', 'delivered', 'Messages that were delivered'),
  bouncedMessages: count('Bounced', 'bounced', 'Messages that bounced', ['bounceClass']),
  complainedMessages: count('Complained', 'complained', 'Messages with a complaint'),
  unsubscribedMessages: count('Unsubscribed', 'unsubscribed', 'Messages with an unsubscription'),
  acceptedMessages: count('Accepted', 'accepted', 'Messages that were delivered and did not bounce afterwards'),
  uniqueOpens: count('Unique opens', 'opened', 'Messages with at least one open', OWN_ACTION_DIMENSIONS),
  uniqueClicks: count('Unique clicks', 'clicked', 'Messages with at least one click', OWN_ACTION_DIMENSIONS),
  humanOpens: count('Human opens', 'humanOpened', "Messages with at least one open that is not a machine's"),
  humanClicks: count('Human clicks', 'humanClicked', "Messages with at least one click that is not a machine's"),
  machineOnlyOpens: count(
    'Opened by machines only',
    'machineOpenedOnly',
    'Messages with opens, all of them by machines',
  ),
  confirmedOpens: count(
    'Confirmed opens',
    'confirmed',
    "Messages with at least one open or click that is not a machine's",
  ),
  hardBounces: count('Hard bounces', 'hardBounced', 'Messages whose last bounce is hard: the address does not exist'),
  softBounces: count('Soft bounces', 'softBounced', 'Messages whose last bounce is soft: a temporary problem'),
  blockBounces: count(
    'Blocked',
    'blockBounced',
    'Messages whose last bounce is a refusal of the sender or the content',
  ),
  adminBounces: count(
    'Suppressed',
    'adminBounced',
    'Messages whose last bounce is a decision of the provider not to send',
  ),
  undeterminedBounces: count(
    'Undetermined bounces',
    'undeterminedBounced',
    'Messages whose last bounce has no other class',
  ),
  deliveredOrBouncedMessages: count(
    'Delivered or bounced',
    'deliveredOrBounced',
    'Messages that were delivered or bounced: the others are on their way',
  ),
} as const satisfies Readonly<Record<string, EngagementCount>>

export type EngagementCountName = keyof typeof ENGAGEMENT_COUNTS

/** Divides a count by that of delivered messages. */
const perDelivered = (label: string, numerator: RestrictedCondition, definition: string) =>
  ({
    kind: 'engagement',
    dimensions: SENDING_DIMENSIONS,
    unit: 'percent',
    label,
    numerator,
    denominator: 'delivered',
    isRestricted: true,
    definition,
  }) as const
const perMessage = (label: string, numerator: MessageCondition, definition: string) =>
  ({
    kind: 'engagement',
    dimensions: SENDING_DIMENSIONS,
    unit: 'percent',
    label,
    numerator,
    denominator: 'sent',
    isRestricted: false,
    definition,
  }) as const

export const ENGAGEMENT_RATES = {
  uniqueOpenRate: perDelivered('Unique open rate', 'opened', 'Delivered messages with an open ÷ delivered messages'),
  humanOpenRate: perDelivered(
    'Human open rate',
    'humanOpened',
    "Delivered messages with an open that is not a machine's ÷ delivered messages",
  ),
  confirmedOpenRate: perDelivered(
    'Confirmed open rate',
    'confirmed',
    "Delivered messages with an open or click that is not a machine's ÷ delivered messages",
  ),
  uniqueClickRate: perDelivered('Unique click rate', 'clicked', 'Delivered messages with a click ÷ delivered messages'),
  humanClickRate: perDelivered(
    'Human click rate',
    'humanClicked',
    "Delivered messages with a click that is not a machine's ÷ delivered messages",
  ),
  complaintRate: perDelivered(
    'Complaint rate',
    'complained',
    'Delivered messages with a complaint ÷ delivered messages',
  ),
  unsubscribeRate: perDelivered(
    'Unsubscribe rate',
    'unsubscribed',
    'Delivered messages with an unsubscription ÷ delivered messages',
  ),
  clickToOpenRate: {
    kind: 'engagement',
    dimensions: SENDING_DIMENSIONS,
    unit: 'percent',
    label: 'Click-to-open rate',
    numerator: 'humanClicked',
    denominator: 'confirmed',
    isRestricted: false,
    definition:
      "Messages with a click that is not a machine's ÷ messages with an open or click that is not a machine's",
  },
  acceptedRate: perMessage('Accepted rate', 'accepted', 'Accepted messages ÷ messages'),
  hardBounceRate: perMessage('Hard bounce rate', 'hardBounced', 'Messages whose last bounce is hard ÷ messages'),
  bounceMessageRate: perMessage('Bounced messages', 'bounced', 'Messages that bounced ÷ messages'),
  deliveredOrBouncedRate: perMessage(
    'Delivered or bounced rate',
    'deliveredOrBounced',
    'Messages that were delivered or bounced ÷ messages',
  ),
} as const satisfies Readonly<Record<string, EngagementRate>>

export type EngagementRateName = keyof typeof ENGAGEMENT_RATES

export const ENGAGEMENT_SHARES = {
  unknownShare: {
    kind: 'engagement',
    dimensions: SENDING_DIMENSIONS,
    unit: 'percent',
    label: 'Unknown',
    numerator: 'unknownEvents',
    denominator: 'openAndClickEvents',
    definition: 'Opens and clicks that say nothing about who acted ÷ all opens and clicks of these messages',
  },
} as const satisfies Readonly<Record<string, EngagementShare>>

export type EngagementShareName = keyof typeof ENGAGEMENT_SHARES

const median = (label: string, until: EngagementMedian['until'], definition: string) =>
  ({ kind: 'engagement', dimensions: SENDING_DIMENSIONS, unit: 'seconds', label, until, definition }) as const

export const ENGAGEMENT_MEDIANS = {
  medianSecondsToOpen: median(
    'Median time to open',
    'firstHumanOpen',
    "Median time from the delivery, else the sending, to the first open that is not a machine's",
  ),
  medianSecondsToClick: median(
    'Median time to click',
    'firstHumanClick',
    "Median time from the delivery, else the sending, to the first click that is not a machine's",
  ),
} as const satisfies Readonly<Record<string, EngagementMedian>>
export type EngagementMedianName = keyof typeof ENGAGEMENT_MEDIANS

export const ENGAGEMENT_METRICS = {
  ...ENGAGEMENT_COUNTS,
  ...ENGAGEMENT_RATES,
  ...ENGAGEMENT_SHARES,
  ...ENGAGEMENT_MEDIANS,
} as const satisfies Readonly<Record<string, EngagementMetric>>
export type EngagementMetricName = keyof typeof ENGAGEMENT_METRICS

/** The value of each metric. A median is null without a value. */
export type EngagementValues = {
  readonly [Name in EngagementMetricName]: Name extends EngagementMedianName ? number | null : number
}
