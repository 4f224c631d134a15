import { describe, expect, test } from 'bun:test'
import { deliveryOf, envelope } from '../../../support/ingest/event-samples.ts'
import { unavailable } from '../../../support/ingest/ingest-ports.ts'
import { ingestFixture } from '../../../support/ingest/ingest-fixture.ts'
import { chanceOf } from '../../../support/base/random.ts'
import { keepingLogger } from '../../../support/base/silent-logger.ts'
import { Ledger } from '../../../../src/ingest/accounting/ledger.ts'
import { ledgerSummary, reportUnbalanced } from '../../../../src/ingest/ingestion-metrics.ts'

const balanced = { unbalanced: [] }

describe('the ledger', () => {
  test.each([1, 2, 3, 4])(
    'is balanced for every tenant at every instant, with random failures (seed %d)',
    async (seed) => {
      const chance = chanceOf(seed)
      const { clock, store, letters, ingestion, handler } = await ingestFixture()
      let isCalm = false
      const maybeFail = () => {
        if (!isCalm && chance.hits(0.3)) throw unavailable()
      }
      store.before = maybeFail
      store.after = maybeFail
      store.refuses = ({ entity_id }) => entity_id.startsWith('refused')
      letters.before = maybeFail
      for (let sequence = 1; sequence <= 400; sequence++) {
        const form = chance.next()
        const messageId = form < 0.1 ? `refused${sequence}` : `m${sequence}`
        const event = envelope({ messageId }, { eventId: `e${chance.below(300)}`, tenantId: `t${chance.below(5)}` })
        const delivery = deliveryOf(sequence, form > 0.95 ? 'no json' : event, form > 0.9 ? { subject: 'other' } : {})
        if (form > 0.85 && form < 0.88)
          Object.defineProperty(delivery, 'messageId', {
            get() {
              throw new Error('poison')
            },
          })
        handler.deliver(delivery)
        expect(ingestion.reconcile()).toMatchObject(balanced)
        if (chance.hits(0.3)) await clock.advance(chance.below(400))
        expect(ingestion.reconcile()).toMatchObject(balanced)
      }
      isCalm = true
      await clock.advance(300_000)
      const { totals, inFlight, unbalanced, tenantCount } = ingestion.reconcile()
      expect([inFlight, unbalanced, tenantCount]).toEqual([0, [], 0])
      expect(totals.delivered).toBe(400)
      expect(totals.stored).toBe(store.rows.length)
      expect(totals.dead_lettered).toBe(letters.letters.length)
      expect(totals.stored + totals.duplicate + totals.dead_lettered + totals.ignored).toBe(400)
    },
  )

  test('control: reports missing deliveries, with their tenant and number', () => {
    const ledger = new Ledger()
    ledger.accountOf('a').delivered = 5
    ledger.accountOf('a').stored = 3
    ledger.accountOf('b').delivered = 1
    ledger.accountOf('b').duplicate = 1
    const reconciled = (count: number) => ledger.reconcile((visit) => visit(ledger.accountOf('a'), count))
    expect(reconciled(2)).toMatchObject(balanced)
    expect(reconciled(1).unbalanced).toEqual([{ tenantId: 'a', missing: 1 }])
    expect(reconciled(3).unbalanced).toEqual([{ tenantId: 'a', missing: -1 }])
    expect(ledgerSummary(reconciled(2))).toBe(
      '6 delivered = 3 stored + 1 duplicate + 0 dead_lettered + 0 deferred + 0 forwarded + 0 ignored + 2 buffered',
    )
    expect(ledgerSummary(reconciled(1))).toContain('≠')
  })

  test('releases an idle tenant and keeps its sums; an unbalanced tenant stays', () => {
    const ledger = new Ledger()
    Object.assign(ledger.accountOf('quiet'), { delivered: 4, stored: 3, dead_lettered: 1 })
    Object.assign(ledger.accountOf('odd'), { delivered: 2, stored: 1 })
    const quiet = ledger.accountOf('quiet')
    ledger.release(quiet)
    ledger.release(quiet)
    ledger.release(ledger.accountOf('odd'))
    const { totals, tenantCount, unbalanced } = ledger.reconcile(() => {})
    expect(totals).toMatchObject({ delivered: 6, stored: 4, dead_lettered: 1 })
    expect([tenantCount, unbalanced]).toEqual([1, [{ tenantId: 'odd', missing: 1 }]])
  })

  test('is reported in a bounded number of lines for any number of unbalanced tenants', () => {
    const ledger = new Ledger()
    for (let n = 0; n < 500; n++) ledger.accountOf(`t${n}`).delivered = 1
    const logger = keepingLogger()
    reportUnbalanced(
      ledger.reconcile(() => {}),
      logger,
    )
    expect(logger.lines.length).toBe(21)
    expect(logger.lines[0]?.fields).toEqual({ tenantId: 't0', missing: 1 })
    expect(logger.lines.at(-1)?.fields).toEqual({ count: 480 })
  })

  test('lists the requested number of busiest tenants', () => {
    const ledger = new Ledger()
    for (const [index, tenant] of ['a', 'b', 'c'].entries()) ledger.accountOf(tenant).delivered = [2, 9, 4][index]!
    expect(ledger.busiest(2).map(({ tenantId }) => tenantId)).toEqual(['b', 'c'])
    expect(ledger.busiest(0)).toEqual([])
  })
})
