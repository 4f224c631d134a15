import { describe, expect, test } from 'bun:test'
import { envelope } from '../../../support/ingest/event-samples.ts'
import { ingestFixture } from '../../../support/ingest/ingest-fixture.ts'
import { keepingLogger } from '../../../support/base/silent-logger.ts'
import { CircuitBreaker } from '../../../../src/ingest/accounting/circuit-breaker.ts'
import { Ledger } from '../../../../src/ingest/accounting/ledger.ts'

function breakerOf(windowEvents: number) {
  const logger = keepingLogger()
  const breaker = new CircuitBreaker({ windowEvents, logger })
  const ledger = new Ledger((account) => breaker.release(account))
  const record = (tenantId: string, isRejected: boolean, count: number) => {
    for (let i = 0; i < count; i++) breaker.record(ledger.accountOf(tenantId), isRejected)
  }
  return { breaker, ledger, record, lines: logger.lines }
}

describe('the circuit breaker', () => {
  test('opens when 95 % of a whole window of a tenant are rejected, not before and not for fewer', () => {
    const { breaker, record, lines } = breakerOf(100)
    record('t1', true, 94)
    record('t1', false, 6)
    expect(breaker.openCount).toBe(0)
    record('t1', true, 99)
    expect(breaker.openCount).toBe(0)
    record('t1', true, 1)
    expect(breaker.openCount).toBe(1)
    expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['error', { tenantId: 't1', events: 100, rejected: 100 }],
    ])
  })

  test('evaluates each tenant by its own events', () => {
    const { breaker, record } = breakerOf(100)
    for (let i = 0; i < 100; i++) {
      record('bad', true, 1)
      record('good', false, 10)
    }
    expect(breaker.openCount).toBe(1)
    record('other', true, 99)
    expect(breaker.openCount).toBe(1)
  })

  test('closes after a window with fewer rejections, and logs each change once', () => {
    const { breaker, record, lines } = breakerOf(10)
    record('t1', true, 50)
    expect(breaker.openCount).toBe(1)
    record('t1', true, 5)
    record('t1', false, 5)
    expect(breaker.openCount).toBe(0)
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info'])
  })

  test('closes when its tenant is released as idle, and logs it', () => {
    const { breaker, ledger, record, lines } = breakerOf(10)
    record('t1', true, 10)
    ledger.release(ledger.accountOf('t1'))
    ledger.release(ledger.accountOf('other'))
    expect(breaker.openCount).toBe(0)
    expect(lines.map(({ level, fields }) => [level, fields?.['tenantId']])).toEqual([
      ['error', 't1'],
      ['info', 't1'],
    ])
  })

  test('never opens when it is disabled', () => {
    const { breaker, record } = breakerOf(0)
    record('t1', true, 1_000)
    expect(breaker.openCount).toBe(0)
  })
})

describe('a flood of rejected events of one tenant', () => {
  const seconds = (id: string) => envelope({}, { eventId: id, tenantId: 'bad', timestamp: 1_774_000_000 })

  test('opens its breaker; events are still processed: its own into the dead letters, others into the store', async () => {
    const { clock, store, letters, source, ingestion, handler, deliver } = await ingestFixture({
      circuitBreakerWindowEvents: 50,
    })
    let sequence = 0
    while (sequence < 200) await deliver(++sequence, seconds(`b${sequence}`))
    expect([ingestion.openCircuitBreakerCount, handler.capacity().events]).toEqual([1, 1_000])
    for (let good = 0; good < 10; good++) await deliver(++sequence, envelope({}, { eventId: `g${good}` }))
    await clock.advance(500)
    expect([letters.letters.length, store.rows.length, source.acknowledged.at(-1)]).toEqual([200, 10, 210])
  })

  test('closes its breaker when the tenant is idle', async () => {
    const { clock, ingestion, deliver } = await ingestFixture({ circuitBreakerWindowEvents: 50 })
    for (let sequence = 1; sequence <= 50; sequence++) await deliver(sequence, seconds(`b${sequence}`))
    expect(ingestion.openCircuitBreakerCount).toBe(1)
    await clock.advance(90_000)
    expect(ingestion.openCircuitBreakerCount).toBe(0)
  })
})
