import { describe, expect, test } from 'bun:test'
import { RequestAuditTrail } from '../../../../src/http/audit/request-audit-trail.ts'
import type { AuditedRequest } from '../../../../src/http/ports.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'

const FLUSH_MS = 5_000

function open({ append }: { append?: (rows: readonly AuditedRequest[]) => Promise<void> } = {}) {
  const clock = new ManualClock(1_000)
  const metrics = createServiceMetrics()
  const inserts: (readonly AuditedRequest[])[] = []
  const keep = async (rows: readonly AuditedRequest[]) => void inserts.push(rows)
  const trail = new RequestAuditTrail({ store: { append: append ?? keep }, clock, logger: silentLogger, metrics })
  let asked = 0
  const record = (fields: Partial<AuditedRequest> = {}) =>
    trail.record({
      requestedAt: clock.now(),
      tenantId: 'a',
      subject: 's',
      route: '/r',
      parameters: '',
      status: 200,
      durationMs: 3,
      correlationId: `c${asked++}`,
      ...fields,
    })
  return { clock, metrics, inserts, trail, record, keep }
}

const stop = (trail: RequestAuditTrail) => trail.stop(new AbortController().signal)

describe('the audit trail', () => {
  test('writes all requests in one insert every five seconds, and none when there were none', async () => {
    const { clock, trail, record, inserts, metrics } = open()
    record()
    trail.start()
    for (let second = 0; second < 5; second++) {
      record()
      await clock.advance(1_000)
    }
    expect(inserts.map((rows) => rows.map(({ correlationId, requests }) => [correlationId, requests]))).toEqual([
      [0, 1, 2, 3, 4, 5].map((index) => [`c${index}`, 1]),
    ])
    await clock.advance(10 * FLUSH_MS)
    expect(inserts).toHaveLength(1)
    expect(metrics.requestAuditRows.value()).toBe(6)
    await stop(trail)
  })

  test('keeps at most 4,000 rows, and counts the rows that it drops', async () => {
    const { trail, record, inserts, metrics } = open()
    for (let index = 0; index < 4_321; index++) record()
    expect(metrics.requestAuditDropped.value()).toBe(321)
    trail.start()
    await stop(trail)
    expect(inserts.map(({ length }) => length)).toEqual([4_000])
  })

  test('repeats the same rows until they are stored, and keeps no more rows than before', async () => {
    let isDown = true
    const tries: (readonly AuditedRequest[])[] = []
    const { clock, trail, record, metrics } = open({
      append: async (rows) => {
        tries.push(rows)
        if (isDown) throw new Error('down')
      },
    })
    trail.start()
    for (let index = 0; index < 100; index++) record()
    await clock.advance(3 * FLUSH_MS)
    for (let index = 0; index < 5_000; index++) record()
    expect(metrics.requestAuditDropped.value()).toBe(1_000)
    isDown = false
    await clock.advance(2 * FLUSH_MS)
    const ids = tries.map((rows) => rows.map(({ id }) => id).join())
    expect(tries.map(({ length }) => length)).toEqual([100, 100, 100, 100, 4_000])
    expect(new Set(ids.slice(0, 4)).size).toBe(1)
    expect(metrics.requestAuditRows.value()).toBe(4_100)
    await stop(trail)
  })

  test('counts 304 responses by tenant, subject and route, in one row per insert', async () => {
    const { clock, trail, record, inserts } = open()
    trail.start()
    for (let index = 0; index < 250_000; index++) record({ status: 304 })
    record({ status: 304, tenantId: 'b' })
    record({ status: 304 })
    await clock.advance(FLUSH_MS)
    expect(
      inserts[0]?.map(({ tenantId, status, requests, correlationId }) => [tenantId, status, requests, correlationId]),
    ).toEqual([
      ['a', 304, 250_001, ''],
      ['b', 304, 1, ''],
    ])
    await clock.advance(FLUSH_MS)
    expect(inserts).toHaveLength(1)
    await stop(trail)
  })

  test('loses no count over any number of inserts', async () => {
    const { clock, trail, record, inserts } = open()
    trail.start()
    let counted = 0
    for (let second = 0; second < 60; second++) {
      await clock.advance(900)
      if (second % 7 !== 0) continue
      record({ status: 304 })
      counted++
    }
    await stop(trail)
    expect(inserts.flat().reduce((sum, { requests }) => sum + requests, 0)).toBe(counted)
  })

  test('keeps 2,000 counters between two inserts, and counts the requests that it drops beyond', async () => {
    const { trail, record, inserts, metrics } = open()
    trail.start()
    for (let index = 0; index < 2_500; index++) record({ status: 304, tenantId: `t${index}` })
    await stop(trail)
    expect([inserts.flat().length, metrics.requestAuditDropped.value()]).toEqual([2_000, 500])
  })

  test('writes twenty refused credentials between two inserts, and counts the rest in one row', async () => {
    const { clock, trail, record, inserts } = open()
    trail.start()
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 10_000; index++) record({ status: 401, tenantId: '', subject: '' })
      await clock.advance(FLUSH_MS)
    }
    expect(inserts.map((rows) => rows.map(({ requests }) => requests))).toEqual(
      Array.from({ length: 2 }, () => [...Array.from({ length: 20 }, () => 1), 9_980]),
    )
    await stop(trail)
  })

  test('keeps 128 characters of a subject, as valid Unicode', async () => {
    const { trail, record, inserts } = open()
    record({ subject: `${'x'.repeat(127)}\u{1F600}` })
    trail.start()
    await stop(trail)
    expect(inserts[0]?.[0]?.subject).toBe(`${'x'.repeat(127)}\uFFFD`)
  })

  test('writes the waiting rows when it is stopped', async () => {
    const { trail, record, inserts } = open()
    trail.start()
    record()
    await stop(trail)
    expect(inserts).toHaveLength(1)
  })

  test('stops at the deadline although the store never responds', async () => {
    const { trail, record, clock } = open({ append: () => new Promise(() => {}) })
    trail.start()
    record()
    await clock.advance(FLUSH_MS)
    const deadline = new AbortController()
    const stopped = trail.stop(deadline.signal)
    deadline.abort()
    expect(await stopped).toBeUndefined()
  })
})
