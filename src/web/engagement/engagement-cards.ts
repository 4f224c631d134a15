/** The KPI cards about what became of messages. */
import type {
  EngagementCountName,
  EngagementRateName,
  EngagementValues,
} from '../../analytics/engagement/engagement-metrics.ts'
import type { KpiCardProps } from '../components/kpi/kpi-cards.tsx'
import type { Drills } from '../drill-down/drills.ts'
import { formatCount, formatRate } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import { baseOf } from '../metrics/engagement-rates.ts'
import type { ViewState } from '../state/view-state.ts'

export interface EngagementCardsInput {
  readonly current: EngagementValues
  /** Undefined without a comparison. */
  readonly previous: EngagementValues | undefined
  /** The counts of the complete buckets of the range, for small lines. */
  readonly series?: readonly Readonly<Record<EngagementCountName, number>>[] | undefined
  readonly drills?: Drills | undefined
  /** The address of the numbers behind the cards. */
  readonly next?: Partial<ViewState>
}

interface CardDefinition {
  readonly metric: EngagementCountName
  readonly rate?: EngagementRateName
  /** The same with machines. */
  readonly all?: readonly [count: EngagementCountName, rate: EngagementRateName]
}

const READING: readonly CardDefinition[] = [
  { metric: 'messages' },
  { metric: 'deliveredMessages', rate: 'acceptedRate' },
  { metric: 'humanOpens', rate: 'humanOpenRate', all: ['uniqueOpens', 'uniqueOpenRate'] },
  { metric: 'humanClicks', rate: 'humanClickRate', all: ['uniqueClicks', 'uniqueClickRate'] },
]
const FAILURES: readonly CardDefinition[] = [
  { metric: 'bouncedMessages', rate: 'bounceMessageRate' },
  { metric: 'complainedMessages', rate: 'complaintRate' },
  { metric: 'unsubscribedMessages', rate: 'unsubscribeRate' },
]

/** Messages, and how many of them were delivered, opened and clicked: by people, and with machines. */
export function engagementCards(input: EngagementCardsInput): KpiCardProps[] {
  return READING.map((definition) => cardOf(definition, input))
}

/** Messages that bounced, and those that people complained about or unsubscribed from. */
export function failureCards(input: EngagementCardsInput): KpiCardProps[] {
  return FAILURES.map((definition) => cardOf(definition, input))
}

function cardOf({ metric, rate, all }: CardDefinition, input: EngagementCardsInput): KpiCardProps {
  const { current, previous, series, next, drills } = input
  const { metricNotes } = messages()
  return {
    metric,
    value: current[metric],
    previous: previous?.[metric],
    drill: drills?.of(metric, { value: current[metric] }),
    ...(next && { next }),
    ...(series && { trend: series.map((counts) => counts[metric]) }),
    ...(rate && {
      rate: {
        metric: rate,
        of: rate === 'acceptedRate' ? metricNotes.accepted : ofTextOf(rate),
        value: current[rate],
        previous: previous?.[rate],
        base: baseOf(rate, current),
        previousBase: previous && baseOf(rate, previous),
      },
    }),
    ...(all && {
      detail: withMachines(all, current),
      detailDrill: drills?.of(all[0], { value: current[all[0]] }),
      further: all,
    }),
  }
}

function ofTextOf(rate: EngagementRateName): string {
  const { metricNotes } = messages()
  return rate === 'bounceMessageRate' ? metricNotes.ofMessages : metricNotes.ofDelivered
}

function withMachines([count, rate]: NonNullable<CardDefinition['all']>, current: EngagementValues): string {
  const { engagement } = messages()
  const text = formatCount(current[count])
  return baseOf(rate, current) === 0
    ? engagement.withMachinesCount(text)
    : engagement.withMachines(text, formatRate(current[rate]))
}
