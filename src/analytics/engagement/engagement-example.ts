/** Engagement for the examples of the API document. */
import {
  ENGAGEMENT_RATES,
  type EngagementCountName,
  type EngagementRateName,
  type EngagementValues,
} from './engagement-metrics.ts'
import type { MessageCondition } from './message-conditions.ts'
import { rate } from '../rates.ts'

/** The messages, and how many of them were delivered, opened, opened by people, clicked, clicked by people, bounced, complained about and unsubscribed from. */
type ExampleNumbers = readonly [number, number, number, number, number, number, number, number?, number?]

export function engagementCountsExample(...numbers: ExampleNumbers): Record<EngagementCountName, number> {
  const [messages, delivered, opened, humanOpened, clicked, humanClicked, bounced, complained = 0, unsubscribed = 0] =
    numbers
  return {
    messages,
    deliveredMessages: delivered,
    bouncedMessages: bounced,
    complainedMessages: complained,
    unsubscribedMessages: unsubscribed,
    acceptedMessages: delivered,
    uniqueOpens: opened,
    uniqueClicks: clicked,
    humanOpens: humanOpened,
    humanClicks: humanClicked,
    machineOnlyOpens: opened - humanOpened,
    confirmedOpens: humanOpened,
    hardBounces: bounced,
    softBounces: 0,
    blockBounces: 0,
    adminBounces: 0,
    undeterminedBounces: 0,
    deliveredOrBouncedMessages: delivered + bounced,
  }
}

const COUNT_OF_CONDITION: Readonly<Partial<Record<MessageCondition, EngagementCountName>>> = {
  sent: 'messages',
  delivered: 'deliveredMessages',
  bounced: 'bouncedMessages',
  complained: 'complainedMessages',
  unsubscribed: 'unsubscribedMessages',
  accepted: 'acceptedMessages',
  opened: 'uniqueOpens',
  clicked: 'uniqueClicks',
  humanOpened: 'humanOpens',
  humanClicked: 'humanClicks',
  confirmed: 'confirmedOpens',
  hardBounced: 'hardBounces',
  deliveredOrBounced: 'deliveredOrBouncedMessages',
}

export function engagementExample(...numbers: ExampleNumbers): EngagementValues {
  const counts = engagementCountsExample(...numbers)
  const countOf = (condition: MessageCondition) => counts[COUNT_OF_CONDITION[condition]!]
  const rates = Object.entries(ENGAGEMENT_RATES).map(([name, { numerator, denominator }]) => [
    name,
    rate(countOf(numerator), countOf(denominator)),
  ])
  return {
    ...counts,
    ...(Object.fromEntries(rates) as Record<EngagementRateName, number>),
    unknownShare: 4.2,
    medianSecondsToOpen: 5_412.5,
    medianSecondsToClick: 6_180,
  }
}
