/** Measures the page: its size, the time from opening its address to its first numbers, and from publishing an event until the page shows it. */
import { type DashboardFixture, messageEvents, openDashboardFixture } from '../../browser/fixture/dashboard-fixture.ts'
import { publish } from '../../support/broker/nats-server.ts'
import { pause, until } from '../../support/process/until.ts'
import { median } from '../measure/machine.ts'
import { benchVisits } from './page-visits.ts'

const ADDRESS = '/dashboard?view=overview&range=7d&zone=UTC'
const TICK_EVERY_MS = 700
const PATIENCE_MS = 15_000

interface PageBenchOptions {
  readonly visits: number
  readonly ticks: number
  /** The folder `.build/page` of another checkout, which is measured in turn with this one. */
  readonly baselineFolder?: string | undefined
}

export async function benchPage({ visits, ticks, baselineFolder }: PageBenchOptions) {
  const fixture = await openDashboardFixture()
  try {
    const { summary } = await fixture.rest('overview?timeRange=7d')
    const service = {
      baseUrl: fixture.baseUrl,
      credential: fixture.tokenFor({ tenantId: 'tenant-1' }),
      expectedNumber: new Intl.NumberFormat('en-US').format(summary.totalMessagesSent),
    }
    return { ...(await benchVisits(service, visits, baselineFolder)), ...(await benchTicks(fixture, ticks)) }
  } finally {
    await fixture.close()
  }
}

/** Measured with the clock of the page, which is that of the machine: a request from outside would take longer than the measured time. */
async function benchTicks(fixture: DashboardFixture, ticks: number) {
  const { page } = await fixture.openPage(ADDRESS)
  await page.locator('.live[data-live=live]').waitFor()
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(window, { seen })
    const number = document.querySelector('.kpi-card .value')!
    new MutationObserver(() => seen.push(Date.now())).observe(number, {
      childList: true,
      characterData: true,
      subtree: true,
    })
  })
  const seen = () => page.evaluate(() => (window as unknown as { seen: number[] }).seen)
  const latencies: number[] = []
  for (let tick = 0; tick < ticks; tick++) {
    const before = (await seen()).length
    const publishedAt = Date.now()
    await publish(fixture.services.nats.url, messageEvents(`tick-${tick}`, publishedAt, 1, { channel: 'email' }))
    await until(async () => (await seen()).length > before, PATIENCE_MS, 'the number to change')
    latencies.push((await seen())[before]! - publishedAt)
    await pause(TICK_EVERY_MS)
  }
  await page.close()
  return { tickP50Ms: median(latencies), tickWorstMs: Math.max(...latencies) }
}
