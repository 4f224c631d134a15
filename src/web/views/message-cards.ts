/** The KPI cards of one campaign, template, …. */
import { CORE_MESSAGE_METRICS, type CoreMessageCounts } from '../../analytics/message-counts.ts'
import { rateOf } from '../../analytics/metrics.ts'
import type { KpiCardProps } from '../components/kpi/kpi-cards.tsx'
import { messages } from '../messages/messages.ts'

interface MessageCardsInput {
  readonly current: CoreMessageCounts
  /** Undefined where the previous period could not be read. */
  readonly previous: CoreMessageCounts | undefined
  /** The counts of the buckets of the range. */
  readonly series?: readonly CoreMessageCounts[]
}

/** Sent, delivered, opened and clicked messages, each with its rate. */
export function messageCards({ current, previous, series }: MessageCardsInput): KpiCardProps[] {
  const { ofSent, ofDelivered } = messages().metricNotes
  const rates = {
    delivered: { metric: 'deliveryRate', of: ofSent, base: 'sent' },
    opened: { metric: 'openRate', of: ofDelivered, base: 'delivered' },
    clicked: { metric: 'clickRate', of: ofDelivered, base: 'delivered' },
  } as const
  return CORE_MESSAGE_METRICS.map((metric): KpiCardProps => {
    const card = {
      metric,
      value: current[metric],
      previous: previous?.[metric],
      ...(series && { trend: series.map((counts) => counts[metric]) }),
    }
    if (metric === 'sent') return card
    const { metric: rate, of, base } = rates[metric]
    return {
      ...card,
      rate: {
        metric: rate,
        of,
        value: rateOf(rate, current),
        previous: previous && rateOf(rate, previous),
        base: current[base],
        previousBase: previous?.[base],
      },
    }
  })
}

/** The sums of counts of parts that have no message in common. */
export function sumMessageCounts(parts: readonly CoreMessageCounts[]): CoreMessageCounts {
  const sum = (metric: keyof CoreMessageCounts) => parts.reduce((total, part) => total + part[metric], 0)
  return { sent: sum('sent'), delivered: sum('delivered'), opened: sum('opened'), clicked: sum('clicked') }
}
