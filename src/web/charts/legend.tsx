import type { ReadonlySignal, Signal } from '@preact/signals'
import { formatCount, formatRate } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import type { ChartUnit, Line } from './series.ts'
import type { SeriesData } from './line/series-data.ts'

/** The lines that the user has hidden, by id. */
export interface LineVisibility {
  readonly hiddenLines: Signal<ReadonlySet<string>>
  readonly showsPrevious: Signal<boolean>
}

interface LegendProps extends LineVisibility {
  readonly unit: ChartUnit
  readonly lines: readonly Pick<Line<never>, 'id' | 'label' | 'colour'>[]
  readonly data: SeriesData
  /** The index of the bucket under the cursor. */
  readonly cursor: ReadonlySignal<number | undefined>
}

/** The lines of a chart as buttons that show and hide them, with the value under the cursor, or otherwise the sum over the range. */
export function Legend({ unit, lines, data, cursor, hiddenLines, showsPrevious }: LegendProps) {
  const { chart } = messages()
  const index = cursor.value
  const toggle = (id: string) => {
    const hidden = new Set(hiddenLines.peek())
    if (!hidden.delete(id)) hidden.add(id)
    hiddenLines.value = hidden
  }
  return (
    <div class="legend" role="group" aria-label={chart.lines}>
      {lines.map(({ id, label, colour }, line) => {
        // Rates have no sum.
        const sum = unit === 'count' ? formatCount(data.sums[line]!) : ''
        const value = index === undefined ? sum : valueText(data.values[line]![index], unit)
        return (
          <button
            key={id}
            type="button"
            class="legend-item"
            aria-pressed={!hiddenLines.value.has(id)}
            onClick={() => toggle(id)}
          >
            <span class="swatch" aria-hidden="true" style={{ '--series': `var(--series-${colour})` }} />
            {label} {/* The width of the sum is reserved, so that the legend does not move with the cursor. */}
            <span class="legend-value" style={{ minInlineSize: `${sum.length}ch` }}>
              {value}
            </span>
          </button>
        )
      })}
      {data.previous && (
        <button
          type="button"
          class="legend-item previous"
          aria-pressed={showsPrevious.value}
          onClick={() => (showsPrevious.value = !showsPrevious.value)}
        >
          <span class="swatch previous" aria-hidden="true" />
          {chart.previousPeriod}
        </button>
      )}
    </div>
  )
}

/** A value of a chart; null and undefined mean that there is no data. */
export function valueText(value: number | null | undefined, unit: ChartUnit): string {
  if (value === null || value === undefined) return '–'
  return unit === 'count' ? formatCount(value) : formatRate(value)
}
