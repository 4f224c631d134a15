import { describe, expect, test } from 'bun:test'
import { type ServiceFixture, publishAndCount, untilCounted, untilSettled } from '../support/process/service-fixture.ts'
import { askTicket, bearer, openSocket, openStream } from '../support/live/live-stream.ts'
import type { LiveViewer } from '../support/live/live-viewer.ts'
import { publish } from '../support/broker/nats-server.ts'
import { IS_FULL } from '../support/base/depth.ts'
import { mistakesOf } from '../support/oracle/comparison.ts'
import { historyOf } from '../support/oracle/history.ts'
import { dashboardNames } from '../support/oracle/oracle.ts'
import { DAY_MS } from '../support/oracle/zone.ts'
import { trafficOf } from '../support/traffic/traffic.ts'
import { until } from '../support/process/until.ts'

const TENANT = 'tenant-1'
const TIMEOUT_MS = 60_000
const PRESETS = ['1d', '7d', '30d', '90d'] as const

/** The dashboards against the independent calculation, in `zones`: in the gate each with one preset, in one of the zones, the next dashboard with the next ones. */
export function describeDashboardsOf(fixture: () => ServiceFixture, zones: readonly string[]): void {
  test(
    'every dashboard equals the independent calculation',
    async () => {
      const nowMs = Date.now()
      const span = { fromMs: nowMs - 40 * DAY_MS, toMs: nowMs }
      const feed = trafficOf({ seed: 61, tenants: [TENANT, 'tenant-2'], messages: 250, ...span })
      await publishAndCount(fixture(), feed)
      const history = historyOf(feed, TENANT)
      const mistakes: string[] = []
      for (const [place, dashboard] of dashboardNames.entries())
        for (const [index, timeRange] of PRESETS.entries()) {
          if (!IS_FULL && index !== place % PRESETS.length) continue
          for (const timezone of IS_FULL ? zones : [zones[(place + index) % zones.length]!])
            mistakes.push(
              ...(await mistakesOf(fixture().service(), TENANT, history, dashboard, { timeRange, timezone })),
            )
        }
      expect(mistakes).toEqual([])
    },
    TIMEOUT_MS,
  )
}

/** The live stream in both its forms, to the end that the service's own end makes of it: the last case of a fixture. */
export function describeLiveUntilStop(fixture: () => ServiceFixture): void {
  describe('the live stream', () => {
    test(
      'sends a snapshot and what is added, as server-sent events and as a WebSocket, and ends at the shutdown, which exits 0',
      async () => {
        const tenant = 'watched'
        const opened = (count: number, from: number) =>
          Array.from({ length: count }, (_, index) => {
            const data = { messageId: `m-${from + index}`, channel: 'sms' }
            const event = { eventId: `e-${from + index}`, tenantId: tenant, timestamp: Date.now(), data }
            return ['pipeline.message.opened', event] as const
          })
        const tells = (viewer: LiveViewer, count: number) =>
          until(() => viewer.count('message_opened', 'sms') === count, 20_000, `the stream to tell ${count}`)
        const service = fixture().service()
        await publish(fixture().nats.url, opened(5, 0))
        await untilSettled(fixture().nats.url)
        const events = await openStream(service, { tenant })
        const socket = await openSocket(service, `?ticket=${await askTicket(service, bearer(service, tenant))}`)
        const viewers = [events.viewer, socket.viewer]
        for (const viewer of viewers) await tells(viewer, 5)
        await publish(fixture().nats.url, opened(40, 5))
        for (const viewer of viewers) await tells(viewer, 45)
        expect(viewers.flatMap(({ resyncs }) => resyncs)).toEqual([])
        expect(await service.stop()).toEqual({ code: 0, signal: null })
        await Promise.all([events.ended, socket.ended])
      },
      TIMEOUT_MS,
    )
  })
}

/** SIGTERM while events come in: the process ends well, and the next one finds all of them, each once. */
export function describeStopUnderLoad(fixture: () => ServiceFixture): void {
  test(
    'SIGTERM under load ends with exit code 0, and every event is stored once after the next start',
    async () => {
      const nowMs = Date.now()
      const feed = trafficOf({ seed: 62, tenants: ['stopped'], messages: 800, fromMs: nowMs - 9 * DAY_MS, toMs: nowMs })
      const publishing = publish(fixture().nats.url, feed, { inflight: 100 })
      const stored = async () =>
        Number(
          /^analytics_events_stored_total (\d+)$/m.exec((await fixture().service().get('/metrics')).text)?.[1] ?? 0,
        )
      const before = await stored()
      await until(async () => (await stored()) > before + 50, 20_000, 'some of them to be stored')
      expect(await fixture().service().stop()).toEqual({ code: 0, signal: null })
      await publishing
      await fixture().startAgain()
      await untilSettled(fixture().nats.url)
      await untilCounted(fixture().service(), feed, 30_000)
    },
    TIMEOUT_MS,
  )
}
