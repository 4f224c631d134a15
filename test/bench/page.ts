/** Measures the page: the time from opening its address to its first numbers, and from publishing an event until the page shows it. */
import { type DashboardFixture, messageStory, openDashboardFixture } from '../browser/dashboard-fixture.ts'
import { publish } from '../support/broker/nats-server.ts'
import { pause, until } from '../support/process/until.ts'
import { median } from './machine.ts'

const ADDRESS = '/dashboard?view=overview&range=7d&zone=UTC'
const TICK_EVERY_MS = 700
const PATIENCE_MS = 15_000

export async function benchPage({ visits, ticks }: { visits: number; ticks: number }) {
  const fixture = await openDashboardFixture()
  try {
    // The first visit is reported separately, because the browser and the service are cold.
    const first = await visit(fixture)
    const later: Visit[] = []
    for (let count = 0; count < visits; count++) later.push(await visit(fixture))
    return {
      firstVisit: first,
      paintMs: median(later.map(({ paintMs }) => paintMs)),
      numbersMs: median(later.map(({ numbersMs }) => numbersMs)),
      ...(await benchTicks(fixture, ticks)),
    }
  } finally {
    await fixture.close()
  }
}

interface Visit {
  /** The first contentful paint. */
  readonly paintMs: number
  readonly numbersMs: number
}

async function visit(fixture: DashboardFixture): Promise<Visit> {
  const startedAt = performance.now()
  const { page } = await fixture.openPage(ADDRESS)
  await page.waitForSelector('.tile .number')
  const numbersMs = Math.round(performance.now() - startedAt)
  const paintMs = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]!.startTime)
  await page.close()
  return { paintMs: Math.round(paintMs), numbersMs }
}

/** Measured with the clock of the page, which is that of the machine: a request from outside would take longer than the measured time. */
async function benchTicks(fixture: DashboardFixture, ticks: number) {
  const { page } = await fixture.openPage(ADDRESS)
  await page.locator('.live', { hasText: 'Live' }).waitFor()
  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(window, { seen })
    const tile = document.querySelector('.tile .number')!
    new MutationObserver(() => seen.push(Date.now())).observe(tile, {
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
    await publish(fixture.fixture.nats.url, messageStory(`tick-${tick}`, publishedAt, 1, { channel: 'email' }))
    await until(async () => (await seen()).length > before, PATIENCE_MS, 'the number to change')
    latencies.push((await seen())[before]! - publishedAt)
    await pause(TICK_EVERY_MS)
  }
  await page.close()
  return { tickP50Ms: median(latencies), tickWorstMs: Math.max(...latencies) }
}
