import { describe, expect, test } from 'bun:test'
import { publish } from '../../support/broker/nats-server.ts'
import { mistakesOf } from '../../support/oracle/comparison.ts'
import { historyOf } from '../../support/oracle/history.ts'
import { dashboardNames } from '../../support/oracle/oracle.ts'
import { DAY_MS } from '../../support/oracle/zone.ts'
import { trafficOf } from '../../support/traffic/traffic.ts'
import { until } from '../../support/process/until.ts'
import {
  type ServiceFixture,
  type StartStore,
  openServiceFixture,
  untilCounted,
  untilSettled,
} from '../../support/process/service-fixture.ts'

const TIMEOUT_MS = 120_000
const TENANT = 'tenant-1'

/** Published events are counted once, however the process ends. The cases run at the same time, each with its own fixture. */
export function describeStops(startStore: StartStore, hasKills: boolean): void {
  describe('shutdown', () => {
    test.concurrent(
      'SIGTERM under load ends with exit code 0, and every event is stored once after the next start',
      () => withFixture(startStore, stopUnderLoad),
      TIMEOUT_MS,
    )

    if (hasKills)
      test.concurrent(
        'repeated kill -9 under load loses no event and stores none twice',
        () => withFixture(startStore, killRepeatedly),
        TIMEOUT_MS,
      )
  })
}

async function withFixture(startStore: StartStore, task: (fixture: ServiceFixture) => Promise<void>): Promise<void> {
  const fixture = await openServiceFixture({ startStore })
  try {
    await task(fixture)
  } finally {
    await fixture.close()
  }
}

async function stopUnderLoad(fixture: ServiceFixture): Promise<void> {
  const feed = feedOf(31)
  const publishing = publish(fixture.nats.url, feed, { inflight: 100 })
  await untilSomeArrived(fixture, 50)
  expect(await fixture.service().stop()).toEqual({ code: 0, signal: null })
  await publishing
  await fixture.startAgain()
  await untilSettled(fixture.nats.url)
  await untilCounted(fixture.service(), feed, 60_000)
}

async function killRepeatedly(fixture: ServiceFixture): Promise<void> {
  const feed = feedOf(32)
  const parts = [0, 1, 2, 3].map((part) => feed.filter((_, index) => index % 4 === part))
  let sentBefore = 0
  for (const part of parts) {
    const publishing = publish(fixture.nats.url, part, { inflight: 20 })
    await untilSomeArrived(fixture, sentBefore + 10)
    await fixture.service().kill9()
    await publishing
    await fixture.startAgain()
    sentBefore += historyOf(part, TENANT).rows.filter((row) => row.type === 'message_sent').length
  }
  await untilSettled(fixture.nats.url)
  await untilCounted(fixture.service(), feed, 60_000)
  const history = historyOf(feed, TENANT)
  const found: string[] = []
  for (const dashboard of dashboardNames) {
    const query = { timeRange: '30d', timezone: 'Asia/Kathmandu' }
    found.push(...(await mistakesOf(fixture.service(), TENANT, history, dashboard, query)))
  }
  expect(found).toEqual([])
}

function feedOf(seed: number) {
  const nowMs = Date.now()
  return trafficOf({ seed, tenants: [TENANT], messages: 800, fromMs: nowMs - 25 * DAY_MS, toMs: nowMs })
}

async function untilSomeArrived(fixture: ServiceFixture, sent: number): Promise<void> {
  const address = '/api/v1/analytics/messages?timeRange=90d'
  await until(
    async () => {
      const { body } = await fixture.service().get(address, { tenant: TENANT })
      const data = body?.data as { readonly summary: { readonly sent: number } } | undefined
      return data !== undefined && data.summary.sent >= sent
    },
    60_000,
    `${sent} messages to be counted`,
  )
}
