import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ceilingsOf, costsOf, machinesFor, type Measured } from '../../bench/capacity/capacity-costs.ts'

const docs = join(import.meta.dir, '..', '..', '..', 'docs')
interface Row {
  readonly rate: number
}
const record = (await Bun.file(join(docs, 'capacity.json')).json()) as {
  readonly measured: Measured
  readonly perMillionEvents: ReturnType<typeof costsOf>
  readonly eventsPerSecondOfOneThread: ReturnType<typeof ceilingsOf>
  readonly machines: readonly Row[]
  readonly hourWithoutStore: readonly object[]
}
const costs = costsOf(record.measured)

describe('the figures of capacity that are kept', () => {
  test('follow from what was measured', () => {
    expect(record.perMillionEvents).toEqual(costs)
    expect(record.eventsPerSecondOfOneThread).toEqual(ceilingsOf(costs))
    expect(record.machines).toEqual(record.machines.map(({ rate }) => machinesFor(rate, costs)))
  })

  test('are those that the page quotes', async () => {
    const page = await Bun.file(join(docs, 'benchmarks-and-capacity.md')).text()
    const kept = [record.perMillionEvents, record.eventsPerSecondOfOneThread, record.machines, record.hourWithoutStore]
    const figures = kept.flatMap(numbersIn).map((figure) => figure.toLocaleString('en', { maximumFractionDigits: 6 }))
    expect(figures.length).toBeGreaterThan(50)
    expect(figures.filter((figure) => !new RegExp(`(?<![\\d.,])${figure}(?![\\d]|[.,]\\d)`).test(page))).toEqual([])
  })
})

describe('the machines for a rate', () => {
  test('are twice as many for twice the rate, once one process is not enough', () => {
    const [one, two] = [machinesFor(200_000, costs), machinesFor(400_000, costs)]
    for (const part of [
      'serviceProcessors',
      'brokerProcessors',
      'storeProcessors',
      'storeTerabytes',
      'brokerGigabits',
    ] as const)
      expect(two[part] / one[part]).toBeCloseTo(2, 1)
  })

  test('leave every thread of which there is one the room that was assumed', () => {
    const { environments, processes } = machinesFor(1_000_000, costs)
    const { router, stream, owner } = ceilingsOf(costs)
    expect(1_000_000 / environments).toBeLessThanOrEqual(0.6 * Math.min(router, stream))
    expect(1_000_000 / (processes - environments)).toBeLessThanOrEqual(0.6 * owner)
  })
})

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}
