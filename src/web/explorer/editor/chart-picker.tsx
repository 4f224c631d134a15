import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { type ChartKind, CHARTS } from '../exploration.ts'
import type { EditorProps } from './editor-props.ts'
import { restrictionText } from '../restriction-text.ts'
import { chartOf, restrictionOfChart } from '../restrictions.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The charts as buttons. One that cannot show the query says why when it is chosen. */
export function ChartPicker({ schema, exploration, onChange }: EditorProps) {
  const id = useId()
  const refused = useSignal<ChartKind | undefined>(undefined)
  const texts = explorerTexts()
  const shown = chartOf(schema, exploration)
  const reasonOf = (chart: ChartKind) => {
    const restriction = restrictionOfChart(schema, chart, exploration)
    return restriction && restrictionText(restriction)
  }
  const reason = refused.value && reasonOf(refused.value)
  return (
    <div class="chart-picker" role="group" aria-label={texts.chart}>
      {CHARTS.map((chart) => {
        const why = reasonOf(chart)
        return (
          <button
            key={chart}
            type="button"
            class="button"
            aria-pressed={chart === shown}
            aria-disabled={why !== undefined}
            title={why}
            aria-describedby={why === undefined ? undefined : `${id}-${chart}`}
            onClick={() => {
              refused.value = why === undefined ? undefined : chart
              if (why === undefined) onChange({ chart })
            }}
          >
            {texts.charts[chart]}
            {why !== undefined && (
              <span id={`${id}-${chart}`} hidden>
                {why}
              </span>
            )}
          </button>
        )
      })}
      <p class="note" role="status">
        {reason}
      </p>
    </div>
  )
}
