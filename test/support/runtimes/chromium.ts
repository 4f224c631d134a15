import { existsSync } from 'node:fs'
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core'

const MISSING = 'The browser tests need Chromium: apt-get install chromium, or say where it is with CHROMIUM_PATH.'
const VIEWPORT = { width: 1280, height: 1000 }

export interface Browser {
  readonly context: BrowserContext
  /** Opens a context with its own storage, such as that of a browser in another language. */
  newContext(options: BrowserContextOptions): Promise<BrowserContext>
  close(): Promise<void>
}

/** A Chromium with a new profile and without access to the network. Throws an error with installation instructions when there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] || Bun.which('chromium') || '/usr/bin/chromium'
  if (!existsSync(executablePath)) throw new Error(MISSING)
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    chromiumSandbox: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  // Proxies of tests have certificates of an authority that no browser knows.
  const newContext = (options: BrowserContextOptions) =>
    browser.newContext({ viewport: VIEWPORT, ignoreHTTPSErrors: true, ...options })
  return { context: await newContext({}), newContext, close: () => browser.close() }
}
