import { expect, test } from 'bun:test'
import { envelope } from '../../../support/ingest/event-samples.ts'
import { ingestFixture } from '../../../support/ingest/ingest-fixture.ts'

const TENANTS = 10_000

test('the events of 10,000 tenants are stored; once the tenants are idle, only sums are kept', async () => {
  const { ingestion, clock, store, metrics, deliver } = await ingestFixture({ maxInFlightEvents: 50_000 })
  for (let n = 1; n <= TENANTS; n++) void deliver(n, envelope({}, { tenantId: `t${n}`, eventId: `e${n}` }))
  await clock.advance(2_000)
  expect(store.rows.length).toBe(TENANTS)
  expect(metrics.actorsAlive.value()).toBe(TENANTS)
  await clock.advance(90_000)
  expect(metrics.actorsAlive.value()).toBe(0)
  expect(ingestion.reconcile()).toMatchObject({
    totals: { delivered: TENANTS, stored: TENANTS },
    inFlight: 0,
    tenantCount: 0,
  })
})

test('of any number of successive tenants, memory holds only the recent ones', async () => {
  const { ingestion, clock, store, metrics, deliver } = await ingestFixture({ maxInFlightEvents: 50_000 })
  let [mostActors, mostTenants] = [0, 0]
  for (let n = 1; n <= 8 * TENANTS; n++) {
    void deliver(n, envelope({}, { tenantId: `t${n}`, eventId: `e${n}` }))
    if (n % 2_000 === 0) await clock.advance(1_000)
    mostActors = Math.max(mostActors, metrics.actorsAlive.value())
    if (n % 1_000 === 0) mostTenants = Math.max(mostTenants, ingestion.reconcile().tenantCount)
  }
  await clock.advance(2_000)
  expect(store.rows.length).toBe(8 * TENANTS)
  expect(mostActors).toBeLessThan(1.5 * TENANTS)
  expect(mostTenants).toBeLessThan(3 * TENANTS)
  expect(ingestion.reconcile()).toMatchObject({
    totals: { delivered: 8 * TENANTS, stored: 8 * TENANTS },
    unbalanced: [],
  })
})

test('memory holds only the recent tenants without an actor too, when all of their events are rejected', async () => {
  const { ingestion, letters, deliver } = await ingestFixture({
    maxInFlightEvents: 50_000,
    circuitBreakerWindowEvents: 1,
  })
  for (let n = 1; n <= 4 * TENANTS; n++) {
    const delivered = deliver(n, envelope({}, { tenantId: `t${n}` }), { subject: 'sequence.enrollment.NO' })
    if (n % 1_000 === 0) await delivered
  }
  expect(letters.letters.length).toBe(4 * TENANTS)
  expect(ingestion.reconcile().tenantCount).toBeLessThan(3 * TENANTS)
  expect(ingestion.openCircuitBreakerCount).toBe(ingestion.reconcile().tenantCount)
})
