import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

const MISSING = 'The browser tests need Chromium: apt-get install chromium, or say where it is with CHROMIUM_PATH.'

export interface Browser {
  readonly context: BrowserContext
  close(): Promise<void>
}

/** A Chromium with a new profile and without access to the network. Throws an error with installation instructions when there is none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM_PATH'] || Bun.which('chromium') || '/usr/bin/chromium'
  if (!existsSync(executablePath)) throw new Error(MISSING)
  const profile = mkdtempSync(join(tmpdir(), 'outreach-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    chromiumSandbox: false,
    // Proxies of tests have certificates of an authority that no browser knows.
    ignoreHTTPSErrors: true,
    viewport: { width: 1280, height: 1000 },
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
  return {
    context,
    async close() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}
