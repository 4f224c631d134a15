import type { BetterDirection } from '../../../analytics/better-direction.ts'
import type { Drill } from '../../../analytics/drill-down/drill.ts'
import { DrillLink } from '../../drill-down/drill-link.tsx'
import { type Change, describeChange } from '../../format/changes.ts'
import { formatCount, formatRate } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import { betterDirectionOf, kindOf, type ShownMetricName } from '../../metrics/shown-metric.ts'
import type { ViewState } from '../../state/view-state.ts'
import { AddressLink } from '../address-link.tsx'
import { Definitions } from '../definitions.tsx'
import { NoData } from '../no-data.tsx'
import { ChangeText } from './change-text.tsx'
import { CountingNumber } from './counting-number.tsx'
import { Sparkline } from './sparkline.tsx'

/** A number and its value in the previous period; undefined where that could not be read. */
interface Measure {
  readonly value: number
  readonly previous: number | undefined
}

/** The rate that belongs to the number of a card. */
interface RateOfCard extends Measure {
  readonly metric: ShownMetricName
  /** Such as "of sent". */
  readonly of: string
  /** The count that the rate is divided by: a rate of nothing is no data. */
  readonly base: number
  /** The same of the previous rate: a rate of nothing is not compared. */
  readonly previousBase: number | undefined
}

export interface KpiCardProps extends Measure {
  /** Gives the label, the definition, the colour and the meaning of a change. */
  readonly metric: ShownMetricName
  /** In place of the label of the metric. */
  readonly label?: string
  /** In place of the meaning of a change of the metric. */
  readonly better?: BetterDirection
  /** The counts that a rate and its previous value are divided by. */
  readonly base?: number
  readonly previousBase?: number | undefined
  readonly rate?: RateOfCard
  /** A short addition to the number, such as the hour that it belongs to. */
  readonly detail?: string
  /** The further metrics that the card shows, whose definitions it has too. */
  readonly further?: readonly ShownMetricName[]
  /** The search behind the number. */
  readonly drill?: Drill | undefined
  /** The search behind the number of the detail. */
  readonly detailDrill?: Drill | undefined
  /** The address of the numbers behind this one. It makes the card a link. */
  readonly next?: Partial<ViewState>
  /** The values of the complete buckets of the range, for a small line. */
  readonly trend?: readonly number[]
}

interface KpiCardsProps {
  readonly cards: readonly KpiCardProps[]
  /** The name of the group for screen readers. */
  readonly label?: string
  /** Smaller numbers, for a group inside a card, which has their definitions. */
  readonly isCompact?: boolean
}

/** The most important numbers of a view, each with its change since the previous period. */
export function KpiCards({ cards, label, isCompact = false }: KpiCardsProps) {
  return (
    <div class="kpi-section" role="group" aria-label={label ?? messages().totals}>
      <dl class={isCompact ? 'kpi-cards compact' : 'kpi-cards'} data-count={cards.length}>
        {cards.map((card) => (
          <KpiCard key={card.label ?? card.metric} {...card} hasDefinitions={!isCompact} />
        ))}
      </dl>
    </div>
  )
}

function KpiCard(props: KpiCardProps & { readonly hasDefinitions: boolean }) {
  const { metric, label, better, value, previous, base, previousBase, rate, detail, further, next, trend } = props
  const { metrics } = messages()
  const hasOnlyNumber = label === undefined && detail === undefined && !rate && !trend
  const name = label ?? metrics[metric].label
  const kind = kindOf(metric)
  return (
    <div class="kpi-card" data-metric={metric}>
      <dt>
        {next ? <AddressLink next={next}>{name}</AddressLink> : <span>{name}</span>}
        {props.hasDefinitions && label === undefined && (
          <Definitions title={name} names={[metric, ...(rate ? [rate.metric] : []), ...(further ?? [])]} />
        )}
      </dt>
      <dd class="headline">
        <Measured
          value={value}
          kind={kind}
          base={base}
          change={changeOf(value, previous, kind, previousBase)}
          better={better ?? betterDirectionOf(metric)}
          drill={props.drill}
          label={name}
        />
      </dd>
      {rate && (
        <dd class="rate">
          <Measured
            value={rate.value}
            kind="rate"
            base={rate.base}
            of={rate.of}
            change={changeOf(rate.value, rate.previous, 'rate', rate.previousBase)}
            better={betterDirectionOf(rate.metric)}
          />
        </dd>
      )}
      {detail !== undefined && (
        <dd class="detail">
          <DrillLink drill={props.detailDrill} label={`${name}, ${detail}`}>
            {detail}
          </DrillLink>
        </dd>
      )}
      {hasOnlyNumber && <dd class="definition">{metrics[metric].definition}</dd>}
      {trend && trend.length > 1 && (
        <dd class="trend" aria-hidden="true">
          <Sparkline values={trend} colour={metric} />
        </dd>
      )}
    </div>
  )
}

interface MeasuredProps {
  readonly value: number
  readonly kind: 'count' | 'rate'
  readonly base: number | undefined
  readonly of?: string
  readonly change: Change | undefined
  readonly better: BetterDirection
  readonly drill?: Drill | undefined
  readonly label?: string
}

/** A number with its change. A rate that is divided by 0 has neither. */
function Measured({ value, kind, base, of, change, better, drill, label }: MeasuredProps) {
  const hasData = base !== 0
  return (
    <>
      {hasData ? (
        <DrillLink drill={drill} label={label}>
          <CountingNumber value={value} format={kind === 'rate' ? formatRate : formatCount} />
        </DrillLink>
      ) : (
        <span class="value">
          <NoData />
        </span>
      )}
      {of !== undefined && <span> {of}</span>}
      {hasData && <ChangeText change={change} better={better} />}
    </>
  )
}

function changeOf(
  current: number,
  previous: number | undefined,
  kind: 'count' | 'rate',
  previousBase: number | undefined,
): Change | undefined {
  if (previous === undefined || (current === 0 && previous === 0)) return undefined
  return describeChange({ current, previous, kind, previousBase })
}
