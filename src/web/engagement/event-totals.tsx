import { type MessageMetric, rateOf, type RateName, RATES } from '../../analytics/metrics.ts'
import { Card } from '../components/card.tsx'
import { type KpiCardProps, KpiCards } from '../components/kpi/kpi-cards.tsx'
import type { Drills } from '../drill-down/drills.ts'
import { messages } from '../messages/messages.ts'

type MessageRate = Extract<RateName, 'deliveryRate' | 'openRate' | 'clickRate' | 'bounceRate'>

/** The rate that is shown beside a count. */
const RATES_OF_COUNTS: Readonly<Partial<Record<MessageMetric, MessageRate>>> = {
  delivered: 'deliveryRate',
  opened: 'openRate',
  clicked: 'clickRate',
  bounced: 'bounceRate',
}

type Counts<Name extends MessageMetric> = Readonly<Record<Name, number>>

interface EventTotalsProps<Name extends MessageMetric> {
  readonly names: readonly Name[]
  readonly current: Counts<Name>
  /** Undefined without a comparison. */
  readonly previous: Counts<Name> | undefined
  readonly drills: Drills | undefined
}

/** The counts of all events, beside the numbers of messages, with the reasons why they differ. */
export function EventTotals<Name extends MessageMetric>({ names, current, previous, drills }: EventTotalsProps<Name>) {
  const { title, intro, why, reasons } = messages().engagement.events
  return (
    <Card
      class="event-totals"
      title={title}
      subtitle={intro}
      metrics={names.flatMap((name) => {
        const rate = RATES_OF_COUNTS[name]
        return rate === undefined ? [name] : [name, rate]
      })}
    >
      <KpiCards isCompact label={title} cards={names.map((name) => cardOf(name, current, previous, drills))} />
      <details class="reasons">
        <summary>{why}</summary>
        <ul>
          {Object.values(reasons).map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </details>
    </Card>
  )
}

function cardOf(
  name: MessageMetric,
  current: object,
  previous: object | undefined,
  drills: Drills | undefined,
): KpiCardProps {
  const { metricNotes } = messages()
  const [counts, before] = [current, previous] as [Counts<MessageMetric>, Counts<MessageMetric> | undefined]
  const rate = RATES_OF_COUNTS[name]
  const card = {
    metric: name,
    value: counts[name],
    previous: before?.[name],
    drill: drills?.of(name, { value: counts[name] }),
  }
  if (rate === undefined) return card
  const { denominator } = RATES[rate]
  return {
    ...card,
    rate: {
      metric: rate,
      of: denominator === 'sent' ? metricNotes.ofSent : metricNotes.ofDelivered,
      value: rateOf(rate, counts),
      previous: before && rateOf(rate, before),
      base: counts[denominator],
      previousBase: before?.[denominator],
    },
  }
}
