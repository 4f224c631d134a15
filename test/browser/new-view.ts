import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'

const ROOT = resolve(import.meta.dir, '../..')
const MESSAGES = 'src/web/messages/en.ts'
const VIEW = `
import { messages } from '../messages/messages.ts'
import { defineDashboardView } from './view.ts'

export const view = defineDashboardView({
  dashboard: 'overview',
  icon: 'M2 2h12v12H2z',
  cardCount: 0,
  isEmpty: () => false,
  Content: ({ data }) => <p>{\`\${messages().views.demo.count}: \${data.current.summary.totalMessagesSent}\`}</p>,
})
`

/** A build of the page with one more view, which only its own file and its texts contain. */
export interface PageWithNewView {
  /** Makes a browser page load this build instead of that of the service. */
  serve(page: Page): Promise<void>
  remove(): void
}

/** Adds the view "Demo" to a copy of the sources, in its two files, and builds the page. */
export function buildPageWithNewView(): PageWithNewView {
  const project = mkdtempSync(join(tmpdir(), 'outreach-new-view-'))
  for (const name of ['src', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, name), join(project, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))

  writeFileSync(join(project, 'src/web/views/demo.tsx'), VIEW)
  const texts = readFileSync(join(project, MESSAGES), 'utf8')
  const demoTexts = "demo: { title: 'Demo', subtitle: 'A new view', count: 'Messages' },"
  writeFileSync(join(project, MESSAGES), texts.replace('\n  views: {\n', `\n  views: {\n    ${demoTexts}\n`))

  const { exitCode, stderr } = Bun.spawnSync([process.execPath, 'src/cli/main.ts', 'build-page'], { cwd: project })
  if (exitCode !== 0) throw new Error(stderr.toString())
  const folder = join(project, '.build/page')
  return {
    async serve(page) {
      await page.route('**/dashboard?*', (route) => route.fulfill({ path: join(folder, 'dashboard.html') }))
      await page.route('**/dashboard/assets/*', (route) =>
        route.fulfill({ path: join(folder, route.request().url().split('/').at(-1)!) }),
      )
    },
    remove: () => rmSync(project, { recursive: true }),
  }
}
