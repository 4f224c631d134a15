import type { ReadonlySignal } from '@preact/signals'
import type { Granularity } from '../../analytics/time/buckets.ts'
import { messages } from '../messages/messages.ts'
import { type LineVisibility, valueText } from './legend.tsx'
import type { ChartUnit, Line } from './series.ts'
import type { SeriesData } from './line/series-data.ts'

interface ReadingProps extends LineVisibility {
  readonly unit: ChartUnit
  readonly lines: readonly Pick<Line<never>, 'id' | 'label' | 'colour'>[]
  readonly data: SeriesData
  readonly granularity: Granularity
  readonly formatBucket: (start: number) => string
  /** The index of the bucket under the cursor. */
  readonly cursor: ReadonlySignal<number | undefined>
}

interface TooltipProps extends ReadingProps {
  /** The position of a bucket in the plot, in CSS pixels from its left edge, and the width of the plot. */
  readonly positionOf: (index: number) => { readonly left: number; readonly width: number }
}

/** The values of the bucket under the cursor, beside the crosshair. Screen readers receive the same from the announcement. */
export function Tooltip({ positionOf, ...reading }: TooltipProps) {
  const { chart } = messages()
  const { unit, data, granularity, formatBucket, lines, cursor } = reading
  const index = cursor.value
  if (index === undefined) return null
  const { left, width } = positionOf(index)
  const shown = reading.showsPrevious.value ? data.previous : undefined
  // The previous period may end before the range.
  const previous = shown && index < shown.starts.length ? shown : undefined
  const state = data.states[index]
  return (
    <div
      class="chart-tooltip"
      aria-hidden="true"
      style={
        left > width / 2
          ? { right: `${width - left}px`, left: 'auto', maxWidth: `calc(${left}px - var(--space-4))` }
          : { left: `${left}px`, right: 'auto', maxWidth: `calc(${width - left}px - var(--space-4))` }
      }
    >
      <p class="chart-tooltip-title">{formatBucket(data.starts[index]!)}</p>
      <p class="chart-tooltip-unit">
        {state === 'noData' ? chart.noData : chart.perBucket[granularity]}
        {(state === 'incomplete' || state === 'immature') && <strong>{` · ${chart[state]}`}</strong>}
      </p>
      {previous && (
        <p class="chart-tooltip-unit">{`${chart.previousPeriod}: ${formatBucket(previous.starts[index]!)}`}</p>
      )}
      <dl class={previous ? 'chart-tooltip-values compared' : 'chart-tooltip-values'}>
        {lines.map(
          ({ id, label, colour }, line) =>
            (previous || state !== 'noData') &&
            !reading.hiddenLines.value.has(id) && (
              <div key={id}>
                <dt>
                  <span class="swatch" style={{ '--series': `var(--series-${colour})` }} />
                  {label}
                </dt>
                <dd>{valueText(data.values[line]![index], unit)}</dd>
                {previous && <dd class="previous">{valueText(previous.values[line]![index], unit)}</dd>}
              </div>
            ),
        )}
      </dl>
    </div>
  )
}

/** The values of a bucket as a sentence for screen readers. */
export function describeBucket(index: number, reading: Omit<ReadingProps, 'cursor'>): string {
  const { chart } = messages()
  const { unit, data, lines, granularity, formatBucket, hiddenLines, showsPrevious } = reading
  const name = formatBucket(data.starts[index]!)
  const previous = showsPrevious.peek() ? data.previous : undefined
  if (data.states[index] === 'noData') return `${name}: ${chart.noData}`
  const values = lines.flatMap(({ id, label }, line) => {
    if (hiddenLines.peek().has(id)) return []
    const text = `${label} ${valueText(data.values[line]![index], unit)}`
    return previous ? `${text} (${chart.previousPeriod}: ${valueText(previous.values[line]![index], unit)})` : text
  })
  const state = data.states[index]
  const remark = state === 'incomplete' || state === 'immature' ? `, ${chart[state]}` : ''
  return `${name}, ${chart.perBucket[granularity]}: ${values.join(', ')}${remark}`
}
