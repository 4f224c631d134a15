import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Drill } from '../../analytics/drill-down/drill.ts'
import { drillAddress } from '../drill-down/drill-link.tsx'
import { useApp } from '../state/app.ts'
import { DataTable } from '../components/table/data-table.tsx'
import { Tabs } from '../components/tabs.tsx'
import { hourName, weekdayName } from '../format/dates.ts'
import { formatCount } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import { quantileBounds, shadeOf } from './quantiles.ts'

type Count = number | null

interface HeatMapProps {
  readonly title: string
  /** A row of 24 counts for each weekday, Monday first. Null means that there is no data. */
  readonly matrix: readonly (readonly Count[])[]
  /** The search behind the count of a cell. */
  readonly drillOf?: ((weekday: number, hour: number, count: Count) => Drill | undefined) | undefined
}

interface Cell {
  readonly weekday: number
  readonly hour: number
}

const SHADE_COUNT = 5
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
/** Every third hour has a label. */
const LABEL_STEP = 3

/** Counts by weekday (Monday first) and hour of the day as shades, with a table of the same numbers. */
export function HeatMap({ title, matrix, drillOf }: HeatMapProps) {
  const { chart, views } = messages()
  return (
    <div class="chart">
      <Tabs
        label={chart.display(title)}
        tabs={[
          { id: 'chart', label: chart.chart, content: () => <Shades {...{ title, matrix, drillOf }} /> },
          {
            id: 'table',
            label: chart.table,
            content: () => (
              <div class="chart-table">
                <DataTable<number>
                  id="heat-map"
                  caption={title}
                  isPlain
                  rows={HOURS}
                  rowKey={String}
                  columns={[
                    {
                      id: 'hour',
                      label: views.traffic.hour,
                      kind: 'label',
                      value: (hour) => hour,
                      text: hourName,
                    },
                    ...matrix.map((counts, weekday) => ({
                      id: String(weekday),
                      label: weekdayName(weekday, 'short'),
                      kind: 'count' as const,
                      value: (hour: number) => counts[hour]!,
                      link: drillOf && {
                        key: 'heat map',
                        to: (hour: number) => {
                          const drill = drillOf(weekday, hour, counts[hour]!)
                          return drill && drillAddress(drill, title)
                        },
                      },
                      total: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
                    })),
                  ]}
                />
              </div>
            ),
          },
        ]}
      />
    </div>
  )
}

function Shades({ title, matrix, drillOf }: HeatMapProps) {
  const { address } = useApp()
  const { chart } = messages()
  const grid = useRef<HTMLDivElement>(null)
  /** The cell that the Tab key reaches. */
  const current = useSignal<Cell>({ weekday: 0, hour: 0 })
  /** The cell whose tooltip is shown. */
  const active = useSignal<Cell | undefined>(undefined)
  const bounds = quantileBounds(
    matrix.flat().filter((count) => count !== null),
    SHADE_COUNT,
  )
  const describe = ({ weekday, hour }: Cell) =>
    chart.heatMap.cell(weekdayName(weekday, 'long'), hourName(hour), countText(matrix[weekday]![hour]!))
  const open = ({ weekday, hour }: Cell) => {
    const drill = drillOf?.(weekday, hour, matrix[weekday]![hour]!)
    if (drill) address.navigate(drillAddress(drill, title))
  }
  const moveByKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') open(current.peek())
    if (event.key === 'Escape') active.value = undefined
    const isTransposed = getComputedStyle(grid.current!).getPropertyValue('--transposed').trim() === '1'
    const next = cellAfterKey(event, current.peek(), isTransposed)
    if (!next) return
    event.preventDefault()
    current.value = next
    grid.current!.querySelector<HTMLElement>(`[data-cell="${next.weekday} ${next.hour}"]`)!.focus()
  }
  return (
    <>
      <ShadeLegend bounds={bounds} />
      <div
        ref={grid}
        class="heat-map-grid"
        role="grid"
        aria-label={title}
        aria-readonly="true"
        onKeyDown={moveByKey}
        onPointerLeave={() => (active.value = undefined)}
      >
        <div role="row" class="heat-map-row">
          <span role="columnheader" class="visually-hidden">
            {messages().views.traffic.weekday}
          </span>
          {HOURS.map((hour) => (
            <span key={hour} role="columnheader" class="heat-map-hour" style={{ '--hour': hour }}>
              <span class={hour % LABEL_STEP === 0 ? '' : 'visually-hidden'}>{hourName(hour)}</span>
            </span>
          ))}
        </div>
        {matrix.map((counts, weekday) => (
          <div key={weekday} role="row" class="heat-map-row">
            <span role="rowheader" class="heat-map-weekday" style={{ '--weekday': weekday }}>
              {weekdayName(weekday, 'short')}
            </span>
            {counts.map((count, hour) => {
              const isCurrent = current.value.weekday === weekday && current.value.hour === hour
              const isActive = active.value?.weekday === weekday && active.value.hour === hour
              return (
                <span
                  key={hour}
                  role="gridcell"
                  class="heat-map-cell"
                  data-cell={`${weekday} ${hour}`}
                  data-hour-half={hour < 12 ? 'first' : 'second'}
                  data-week-half={weekday < 4 ? 'first' : 'second'}
                  data-shade={count === null ? 'none' : shadeOf(count, bounds)}
                  style={{ '--weekday': weekday, '--hour': hour }}
                  tabIndex={isCurrent ? 0 : -1}
                  onPointerEnter={() => (active.value = { weekday, hour })}
                  onFocus={() => {
                    current.value = { weekday, hour }
                    active.value = { weekday, hour }
                  }}
                  onBlur={() => (active.value = undefined)}
                  onClick={() => open({ weekday, hour })}
                >
                  <span class="visually-hidden">{countText(count)}</span>
                  {isActive && (
                    <span class="chart-tooltip" aria-hidden="true">
                      {describe({ weekday, hour })}
                    </span>
                  )}
                </span>
              )
            })}
          </div>
        ))}
      </div>
    </>
  )
}

function countText(count: Count): string {
  return count === null ? messages().chart.heatMap.noData : formatCount(count)
}

/** The counts that each shade stands for. */
function ShadeLegend({ bounds }: { readonly bounds: readonly number[] }) {
  const { shades, range } = messages().chart.heatMap
  return (
    <ul class="heat-map-legend" aria-label={shades}>
      {[0, ...bounds].map((bound, shade) => {
        const first = shade === 0 ? 0 : (bounds[shade - 2] ?? 0) + 1
        return (
          <li key={shade}>
            <span class="heat-map-swatch" data-shade={shade} aria-hidden="true" />
            {range(formatCount(first), formatCount(bound))}
          </li>
        )
      })}
    </ul>
  )
}

/** The cell that a key leads to; undefined for other keys. On narrow screens the hours run downwards. */
function cellAfterKey({ key, ctrlKey }: KeyboardEvent, cell: Cell, isTransposed: boolean): Cell | undefined {
  const vertical = ['ArrowUp', 'ArrowDown'] as const
  const horizontal = ['ArrowLeft', 'ArrowRight'] as const
  const [weekdayKeys, hourKeys] = isTransposed ? [horizontal, vertical] : [vertical, horizontal]
  const { weekday, hour } = cell
  switch (key) {
    case weekdayKeys[0]:
      return { hour, weekday: Math.max(0, weekday - 1) }
    case weekdayKeys[1]:
      return { hour, weekday: Math.min(6, weekday + 1) }
    case hourKeys[0]:
      return { weekday, hour: Math.max(0, hour - 1) }
    case hourKeys[1]:
      return { weekday, hour: Math.min(23, hour + 1) }
    case 'Home':
      return { weekday: ctrlKey ? 0 : weekday, hour: 0 }
    case 'End':
      return { weekday: ctrlKey ? 6 : weekday, hour: 23 }
    default:
      return undefined
  }
}
