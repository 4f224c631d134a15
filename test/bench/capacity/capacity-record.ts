/** Writes the figures of the capacity page in `docs/`: the costs and the results that follow from them, and a plot of an outage of one hour. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ingestLimits } from '../../../src/ingest/accounting/in-flight-budget.ts'
import { ASSUMED, ceilingsOf, costsOf, machinesFor, type Measured } from './capacity-costs.ts'
import { machine } from '../measure/machine.ts'
import { dailyArrivals, type OutageCourse, simulateOutage } from './outage-model.ts'
import { type Axes, type Line, linesSvg } from '../measure/plot.ts'

const DOCS = join(import.meta.dir, '..', '..', '..', 'docs')
const RATES = [1_000, 100_000, 1_000_000]

const HOUR = 3_600
/** The plot shows fractions of this capacity, so its value does not matter. */
const CAPACITY = 10_000
const HELD_EVENTS = ingestLimits(64 * 2 ** 20, 500, 2 ** 20).maxEvents
const CASES = [
  { label: '30 % of capacity', used: 0.3, swing: 0 },
  { label: '60 %', used: 0.6, swing: 0 },
  { label: '60 %, at a peak of 90 %', used: 0.6, swing: 0.5 },
  { label: '90 %', used: 0.9, swing: 0 },
]
const AXES: Axes = {
  title: 'An hour without the store: age of the oldest event that is not stored',
  x: { label: 'hours since the store went away', ticks: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], isLinear: true },
  y: { label: 'minutes', ticks: [0, 10, 20, 30, 40, 50, 60, 70], isLinear: true },
}

export function recordCapacity(plan: object, measured: Measured) {
  const costs = costsOf(measured)
  const courses = CASES.map(({ label, used, swing }) => ({ label, used, course: courseOf(used, swing) }))
  const record = {
    command: 'npm run bench capacity',
    machine: machine(),
    plan,
    perMillionEvents: costs,
    eventsPerSecondOfOneThread: ceilingsOf(costs),
    assumed: ASSUMED,
    machines: RATES.map((rate) => machinesFor(rate, costs)),
    hourWithoutStore: courses.map(({ label, used, course: { most, catchUpSeconds } }) => ({
      label,
      catchUpMinutes: Math.round(catchUpSeconds / 60),
      waitingSecondsOfRate: Math.round(most.waiting / (CAPACITY * used)),
    })),
    measured,
  }
  mkdirSync(DOCS, { recursive: true })
  writeFileSync(join(DOCS, 'capacity.json'), `${JSON.stringify(record, null, 2)}\n`)
  writeFileSync(join(DOCS, 'outage-recovery.svg'), linesSvg(AXES, courses.map(lineOf)))
  return record
}

function courseOf(used: number, swing: number): OutageCourse {
  const arrivals = dailyArrivals(CAPACITY * used, swing)
  return simulateOutage({ arrivals, capacity: CAPACITY, outageSeconds: HOUR, heldEvents: HELD_EVENTS })
}

function lineOf({ label, course }: { readonly label: string; readonly course: OutageCourse }): Line {
  const { moments } = course
  const drawn = moments.filter(({ second }, index) => second % 300 === 0 || index === moments.length - 1)
  const points = drawn.map(({ second, lagSeconds }) => ({ x: second / HOUR, y: lagSeconds / 60 }))
  return { label, points, isPlain: true }
}
