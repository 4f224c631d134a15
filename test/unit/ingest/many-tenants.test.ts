import { expect, test } from 'bun:test'
import { envelope } from '../../support/event-samples.ts'
import { stage } from '../../support/ingest-stage.ts'

const TENANTS = 10_000

test('10,000 tenants are stored; once they went quiet, nothing of them is kept but the sums', async () => {
  const { ingestion, clock, store, metrics, deliver } = await stage({ maxInFlightEvents: 50_000 })
  for (let n = 1; n <= TENANTS; n++) void deliver(n, envelope({}, { tenantId: `t${n}`, eventId: `e${n}` }))
  await clock.advance(2_000)
  expect(store.rows.length).toBe(TENANTS)
  expect(metrics.actorsAlive.value()).toBe(TENANTS)
  await clock.advance(90_000)
  expect(metrics.actorsAlive.value()).toBe(0)
  expect(ingestion.audit()).toMatchObject({ totals: { delivered: TENANTS, stored: TENANTS }, held: 0, tenantCount: 0 })
})
