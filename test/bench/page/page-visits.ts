import { join } from 'node:path'
import { COMPRESSED_SUFFIXES, PAGE_FOLDER, PAGE_HTML_NAMES, readPageManifest } from '../../../src/host/page-files.ts'
import { openBrowser } from '../../support/runtimes/chromium.ts'
import { median } from '../measure/machine.ts'

const PATH = '/dashboard?view=overview&range=7d&zone=UTC'
const PATIENCE_MS = 30_000
/**
 * The files that a visit in English does not load: the polyfill of Temporal is for browsers without Temporal, translations are for their languages, and one HTML file is the
 * other one with another base path.
 */
const UNCOUNTED = /^global\.esm-|^de-|^index\.html/

interface VisitedService {
  readonly baseUrl: string
  readonly credential: string
  /** A number of the first view, as the page formats it. */
  readonly expectedNumber: string
}

/** Milliseconds since the navigation started. */
interface Visit {
  readonly firstContentfulPaint: number
  readonly numbers: number
}

/**
 * Opens the page of this checkout with an empty cache, in turn with that of another build when its folder is given, so that both share the load of the machine. A proxy serves
 * the files of both builds and forwards everything else to the service. Resolves with the medians and the sizes.
 */
export async function benchVisits(service: VisitedService, visits: number, baselineFolder?: string) {
  const builds = { page: PAGE_FOLDER, ...(baselineFolder === undefined ? {} : { baseline: baselineFolder }) }
  const sites = Object.entries(builds).map(([name, folder]) => ({
    name,
    folder,
    proxy: servePage(folder, service.baseUrl),
    visits: [] as Visit[],
  }))
  const browser = await openBrowser()
  try {
    for (const { proxy } of sites) await visit(browser, proxy.url.origin, service)
    for (let count = 0; count < visits; count++)
      for (const site of sites) site.visits.push(await visit(browser, site.proxy.url.origin, service))
  } finally {
    await browser.close()
    for (const { proxy } of sites) await proxy.stop(true)
  }
  return Object.fromEntries(
    sites.map(({ name, folder, visits: measured }) => [
      name,
      {
        firstContentfulPaintMs: Math.round(median(measured.map((each) => each.firstContentfulPaint))),
        numbersMs: Math.round(median(measured.map((each) => each.numbers))),
        gzipBytes: gzipBytes(folder),
      },
    ]),
  )
}

async function visit(
  browser: Awaited<ReturnType<typeof openBrowser>>,
  origin: string,
  { credential, expectedNumber }: VisitedService,
): Promise<Visit> {
  const page = await browser.context.newPage()
  const client = await browser.context.newCDPSession(page)
  await client.send('Network.setCacheDisabled', { cacheDisabled: true })
  await page.addInitScript(
    ([session, text]) => {
      sessionStorage.setItem('outreach-session', session!)
      const observer = new MutationObserver(() => {
        const isShown = [...document.querySelectorAll('dd, dd *')].some(({ textContent }) => textContent === text)
        if (!isShown) return
        observer.disconnect()
        // The second frame begins after the first one is drawn.
        requestAnimationFrame(() =>
          requestAnimationFrame(() => Object.assign(window, { numbersAt: performance.now() })),
        )
      })
      observer.observe(document, { childList: true, characterData: true, subtree: true })
    },
    [JSON.stringify({ credential }), expectedNumber],
  )
  await page.goto(origin + PATH)
  await page.waitForFunction(() => 'numbersAt' in window, undefined, { timeout: PATIENCE_MS })
  const times = await page.evaluate(() => ({
    firstContentfulPaint: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
    numbers: (window as unknown as { numbersAt: number }).numbersAt,
  }))
  await page.close()
  return times
}

function servePage(folder: string, serviceUrl: string) {
  return Bun.serve({
    port: 0,
    idleTimeout: 0,
    fetch(request) {
      const { pathname, search } = new URL(request.url)
      if (pathname === '/dashboard') return pageFile(folder, PAGE_HTML_NAMES.page)
      if (pathname.startsWith('/dashboard/assets/'))
        return pageFile(folder, pathname.slice(pathname.lastIndexOf('/') + 1))
      return fetch(serviceUrl + pathname + search, request)
    },
  })
}

function pageFile(folder: string, name: string): Response {
  const { type } = Bun.file(join(folder, name))
  return new Response(Bun.file(join(folder, `${name}.br`)), {
    headers: { 'content-type': type, 'content-encoding': 'br', vary: 'accept-encoding' },
  })
}

/** The size of what a visit in English loads. */
function gzipBytes(folder: string): number {
  const names = Object.keys(readPageManifest(folder)!.files).filter((name) => !UNCOUNTED.test(name))
  return names.reduce((total, name) => total + Bun.file(join(folder, name + COMPRESSED_SUFFIXES.gzip)).size, 0)
}
