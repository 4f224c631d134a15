/** Records the duration of dashboards by the size of the store in `docs/`: the latest figures of each size, and a plot of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboardNames } from '../../support/oracle/oracle.ts'
import { machine } from '../measure/machine.ts'
import { linesSvg } from '../measure/plot.ts'

const DOCS = join(import.meta.dir, '..', '..', '..', 'docs')
const FIGURES = join(DOCS, 'latency-by-size.json')
const PLOT = join(DOCS, 'latency-by-size.svg')
/** Sizes are rounded to these steps, because two fills never have exactly the same number of events. */
const STEP = 5_000_000

const SIZES = [5_000_000, 50_000_000, 200_000_000]

/** Median milliseconds over HTTP, and of the same query without projections, by dashboard and range. */
type Latencies = Readonly<Record<string, { readonly p50: number; readonly ofRows: number }>>

interface Measured {
  readonly events: number
  readonly machine: unknown
  readonly dashboards: Latencies
}

export function recordLatency(rows: number, dashboards: Latencies): void {
  const events = Math.round(rows / STEP) * STEP
  const others = (existsSync(FIGURES) ? (JSON.parse(readFileSync(FIGURES, 'utf8')) as Measured[]) : []).filter(
    (one) => one.events !== events,
  )
  const all = [...others, { events, machine: machine(), dashboards }].toSorted((a, b) => a.events - b.events)
  mkdirSync(DOCS, { recursive: true })
  writeFileSync(FIGURES, `${JSON.stringify(all, null, 2)}\n`)
  writeFileSync(PLOT, plot(all))
}

/** Medians over 90 days by the number of events. */
function plot(all: readonly Measured[]): string {
  const lineOf = (name: string, label: string, figure: 'p50' | 'ofRows') => ({
    label,
    isDashed: figure === 'ofRows',
    points: all.map(({ events, dashboards }) => ({ x: events, y: Math.max(1, dashboards[name]![figure]) })),
  })
  const axes = {
    title: 'Dashboards over 90 days, biggest tenant',
    x: { label: 'events in the store, half of them the tenant’s', ticks: SIZES },
    y: { label: 'milliseconds (median)', ticks: [1, 10, 100, 1_000, 10_000] },
  }
  return linesSvg(axes, [
    ...dashboardNames.map((name) => lineOf(`${name} 90d`, name, 'p50')),
    lineOf('messages 90d', 'messages, of rows', 'ofRows'),
    lineOf('sequences 90d', 'sequences, of rows', 'ofRows'),
  ])
}
