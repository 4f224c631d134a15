import { describe, expect, test } from 'bun:test'
import { ApiFailure, LimitFailure } from '../../../../src/base/errors.ts'
import { ExportQueue } from '../../../../src/http/export/export-queue.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'

function open() {
  const metrics = createServiceMetrics()
  const queue = new ExportQueue({ clock: new ManualClock(0), metrics })
  const running: { tenant: string; end: () => void }[] = []
  const ask = (tenant: string) =>
    queue
      .run(tenant, () => new Promise<string>((resolve) => running.push({ tenant, end: () => resolve('written') })))
      .catch((error: unknown) => error)
  const tenants = () => running.map(({ tenant }) => tenant).join('')
  const endFirst = async () => {
    running.shift()!.end()
    await settled()
  }
  return { metrics, ask, running, tenants, endFirst }
}

describe('the queue of files', () => {
  test('makes one at a time for each tenant, and those of others beside it', async () => {
    const { ask, metrics, tenants, endFirst } = open()
    const all = [ask('a'), ask('a'), ask('a'), ask('b')]
    await settled()
    expect([tenants(), metrics.exportsWaiting.value()]).toEqual(['ab', 2])
    await endFirst()
    expect([tenants(), metrics.exportsWaiting.value()]).toEqual(['ba', 1])
    for (const _ of all.slice(1)) await endFirst()
    expect(await Promise.all(all)).toEqual(['written', 'written', 'written', 'written'])
    expect(metrics.exportsWaiting.value()).toBe(0)
  })

  test('refuses only a tenant with too many waiting requests', async () => {
    const { ask, tenants } = open()
    const all = Array.from({ length: 34 }, () => ask('a'))
    await settled()
    expect(await all[33]).toBeInstanceOf(LimitFailure)
    void ask('b')
    await settled()
    expect(tenants()).toBe('ab')
  })

  test('reports that it is full when too many tenants wait', async () => {
    const { ask } = open()
    const all = Array.from({ length: 67 }, (_, index) => ask(`tenant-${index}`))
    const refused = await all[66]
    expect(refused).toBeInstanceOf(ApiFailure)
    expect(refused).toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('passes a failure on, and goes on', async () => {
    const queue = new ExportQueue({ clock: new ManualClock(0), metrics: createServiceMetrics() })
    const failure = new LimitFailure('rate', 'Too many requests.', 1)
    expect(await queue.run('a', () => Promise.reject(failure)).catch((error: unknown) => error)).toBe(failure)
    expect(await queue.run('a', () => Promise.resolve('written'))).toBe('written')
  })
})
