/** The engagement metrics of a set of messages, calculated from their facts. */
import {
  ENGAGEMENT_COUNTS,
  ENGAGEMENT_MEDIANS,
  ENGAGEMENT_RATES,
  ENGAGEMENT_SHARES,
  type EngagementMedian,
  type EngagementValues,
} from '../analytics/engagement/engagement-metrics.ts'
import type { MessageCondition } from '../analytics/engagement/message-conditions.ts'
import { rate } from '../analytics/rates.ts'
import type { MessageFacts } from './message-facts.ts'

/** Facts of which the sending itself does not matter. */
type FactsToJudge = Omit<MessageFacts<unknown>, 'sent'> & { readonly sent: object | undefined }

/** Each condition of the registry on the facts of a message. */
const CONDITIONS: Readonly<Record<MessageCondition, (facts: FactsToJudge) => boolean>> = {
  sent: ({ sent }) => sent !== undefined,
  delivered: ({ deliveredAt }) => deliveredAt !== undefined,
  bounced: ({ bouncedAt }) => bouncedAt !== undefined,
  complained: ({ complainedAt }) => complainedAt !== undefined,
  unsubscribed: ({ unsubscribedAt }) => unsubscribedAt !== undefined,
  accepted: ({ isAccepted }) => isAccepted,
  opened: ({ firstOpenedAt }) => firstOpenedAt !== undefined,
  clicked: ({ firstClickedAt }) => firstClickedAt !== undefined,
  humanOpened: ({ firstHumanOpenedAt }) => firstHumanOpenedAt !== undefined,
  humanClicked: ({ firstHumanClickedAt }) => firstHumanClickedAt !== undefined,
  machineOpenedOnly: ({ firstOpenedAt, firstHumanOpenedAt }) =>
    firstOpenedAt !== undefined && firstHumanOpenedAt === undefined,
  confirmed: ({ firstHumanOpenedAt, firstHumanClickedAt }) =>
    firstHumanOpenedAt !== undefined || firstHumanClickedAt !== undefined,
  hardBounced: ({ bounceClass }) => bounceClass === 'hard',
  softBounced: ({ bounceClass }) => bounceClass === 'soft',
  blockBounced: ({ bounceClass }) => bounceClass === 'block',
  adminBounced: ({ bounceClass }) => bounceClass === 'admin',
  undeterminedBounced: ({ bounceClass }) => bounceClass === 'undetermined',
  deliveredOrBounced: ({ deliveredAt, bouncedAt }) => deliveredAt !== undefined || bouncedAt !== undefined,
}

/** Whether a message meets a condition. */
export function meets(condition: MessageCondition, facts: FactsToJudge): boolean {
  return CONDITIONS[condition](facts)
}

/** The metrics of messages that were sent in the range and pass the filters; the caller selects them. Messages without a sending are ignored. */
export function engagementOf(all: readonly MessageFacts[]): EngagementValues {
  const messages = all.filter(CONDITIONS.sent)
  const count = (...conditions: readonly MessageCondition[]) =>
    messages.filter((facts) => conditions.every((condition) => CONDITIONS[condition](facts))).length
  const sum = (of: (facts: MessageFacts) => number) => messages.reduce((total, facts) => total + of(facts), 0)
  const sums = {
    unknownEvents: sum(({ unknownOpens, unknownClicks }) => unknownOpens + unknownClicks),
    openAndClickEvents: sum(({ opens, clicks }) => opens + clicks),
  }
  return {
    ...mapValues(ENGAGEMENT_COUNTS, ({ condition }) => count(condition)),
    ...mapValues(ENGAGEMENT_RATES, ({ numerator, denominator, isRestricted }) =>
      rate(isRestricted ? count(numerator, denominator) : count(numerator), count(denominator)),
    ),
    ...mapValues(ENGAGEMENT_SHARES, ({ numerator, denominator }) => rate(sums[numerator], sums[denominator])),
    ...mapValues(ENGAGEMENT_MEDIANS, ({ until }) =>
      lowerMedian(messages.map((facts) => secondsUntil(until, facts)).filter((seconds) => seconds !== undefined)),
    ),
  }
}

/** Undefined without such an event. Never negative: clocks of providers may disagree. */
function secondsUntil(until: EngagementMedian['until'], facts: MessageFacts): number | undefined {
  const at = until === 'firstHumanOpen' ? facts.firstHumanOpenedAt : facts.firstHumanClickedAt
  const from = facts.deliveredAt ?? facts.sent?.at
  return at === undefined || from === undefined ? undefined : Math.max(0, at - from) / 1_000
}

/** The median; of an even number of values the lower of the two middle ones. Null without a value. */
function lowerMedian(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? null
}

function mapValues<Name extends string, Value, Result>(
  record: Readonly<Record<Name, Value>>,
  map: (value: Value) => Result,
): Record<Name, Result> {
  return Object.fromEntries(Object.entries<Value>(record).map(([name, value]) => [name, map(value)])) as Record<
    Name,
    Result
  >
}
