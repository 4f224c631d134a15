import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { buildPage } from '../../../src/host/bun/build-page.ts'
import { createPageFileReader, PAGE_MANIFEST, type PageManifest } from '../../../src/host/page-files.ts'
import { writeStaticPage } from '../../../src/cli/static-page.ts'
import { IS_FULL } from '../../support/base/depth.ts'
import { openApp } from '../../support/app/test-app.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'

/** What a browser loads only when it needs it: views, editors, a translation, the library of charts, the polyfill of Temporal. */
const LAZY = [
  ...['alerts-page', 'cohorts-page', 'explorer-page', 'funnels-page', 'reports-page', 'drill-down-page'],
  ...['filter-editor', 'report-choice', 'value-choices'],
  ...['de', 'uPlot.esm', 'global.esm'],
]
/** The page of both forms. */
const PAGE_COUNT = 2

describe('the files of the page', () => {
  let folder = ''
  const built = mkdtempSync(join(tmpdir(), 'outreach-page-'))
  beforeAll(() => buildPage(built), 60_000)
  afterAll(() => rmSync(built, { recursive: true, force: true }))
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'outreach-page-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  /** A folder with a build in it: one build serves all tests. */
  const copyBuild = () => cpSync(built, folder, { recursive: true })

  const assetCount = () => Object.keys(readManifest().files).length - PAGE_COUNT
  const readManifest = () => JSON.parse(readFileSync(join(folder, PAGE_MANIFEST), 'utf8')) as PageManifest
  const writeManifest = (manifest: PageManifest) => writeFileSync(join(folder, PAGE_MANIFEST), JSON.stringify(manifest))

  test('are those of a build: the page in both forms, and its assets with a hash in their names', async () => {
    copyBuild()
    const logger = keepingLogger()
    const { page, pageInFolder, assets } = await createPageFileReader(logger, folder)()
    const withoutHash = (name: string) => name.replace(/-[0-9a-z]{8}\./, '.')
    const names = new Set([...assets.keys()].map(withoutHash))
    // Parts that several views share are named after the entry.
    expect([...names].toSorted()).toEqual(
      ['icon.svg', 'alerts.css', 'index.css', 'index.js', ...LAZY.map((name) => `${name}.js`)].toSorted(),
    )
    for (const [{ identity }, prefix] of [
      [page, './dashboard/assets/'] as const,
      [pageInFolder, './assets/'] as const,
    ]) {
      const html = new TextDecoder().decode(identity)
      const loaded = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address!)
      expect(loaded.filter((address) => !assets.has(address.replace(prefix, '')))).toEqual([])
      const atStart = new Set(loaded.map((address) => withoutHash(address.replace(prefix, ''))))
      expect([...atStart].toSorted()).toEqual(['icon.svg', 'index.css', 'index.js'])
    }
    for (const { identity, br, gzip } of [page, pageInFolder, ...assets.values()]) {
      expect(new Uint8Array(brotliDecompressSync(br!))).toEqual(identity)
      expect(new Uint8Array(gunzipSync(gzip!))).toEqual(identity)
    }
    expect(logger.lines).toEqual([])
  })

  test('are built again only when a source or a built file has changed', async () => {
    copyBuild()
    const manifest = readManifest()
    expect(Object.keys(manifest.sources)).toEqual(
      expect.arrayContaining([
        'src/web/index.html',
        'src/web/main.tsx',
        'src/web/views',
        'src/web/views/overview.tsx',
        'src/analytics/dashboards/page-controls.ts',
        'src/base/time-zone.ts',
        'src/host/bun/build-page.ts',
      ]),
    )
    expect(await buildPage(folder)).toBe(false)
    // The folder of the views is a source: a new file in it is a new view.
    writeManifest({ ...manifest, sources: { ...manifest.sources, 'src/web/views': 'with fewer files' } })
    expect(await buildPage(folder)).toBe(true)
    rmSync(join(folder, `${Object.keys(manifest.files)[0]!}.br`))
    expect(await buildPage(folder)).toBe(true)
    if (IS_FULL) {
      writeManifest({ ...manifest, sources: { ...manifest.sources, 'src/web/main.tsx': 'older' } })
      expect(await buildPage(folder)).toBe(true)
    }
    expect(readManifest()).toEqual(manifest)
  })

  test('are complete after concurrent builds, and those of older builds are deleted', async () => {
    copyBuild()
    const names = readdirSync(folder)
    writeFileSync(join(folder, 'index-00000000.js'), 'of long ago')
    writeManifest({ ...readManifest(), builtWith: 'bun 1.0.0' })
    await Promise.all(Array.from({ length: IS_FULL ? 3 : 2 }, () => buildPage(folder)))
    expect(readdirSync(folder)).toEqual(names)
    expect((await createPageFileReader(keepingLogger(), folder)()).assets.size).toBe(assetCount())
  })

  test('are reported as missing, and found after a build', async () => {
    const logger = keepingLogger()
    const files = createPageFileReader(logger, folder)
    const sentence = "The dashboards' page has not been built: run `npm run build`."
    expect(await files().catch((error: unknown) => error)).toMatchObject({ code: 'UNAVAILABLE', message: sentence })
    expect(logger.lines).toEqual([{ level: 'warn', message: sentence, fields: undefined }])
    copyBuild()
    rmSync(join(folder, 'index.html.br'))
    expect(await files().catch((error: unknown) => error)).toMatchObject({ code: 'UNAVAILABLE', message: sentence })
    copyBuild()
    expect((await files()).assets.size).toBe(assetCount())
  })

  test('are served when they are older than their sources, with a log line that names the command to run', async () => {
    copyBuild()
    const manifest = readManifest()
    writeManifest({ ...manifest, sources: { ...manifest.sources, 'src/web/main.tsx': 'older' } })
    const logger = keepingLogger()
    expect((await createPageFileReader(logger, folder)()).assets.size).toBe(assetCount())
    expect(logger.lines).toEqual([
      {
        level: 'warn',
        message: "the dashboards' page is older than its sources: run `npm run build`",
        fields: { changed: 'src/web/main.tsx' },
      },
    ])
  })

  test('are served where the sources do not exist', async () => {
    copyBuild()
    const manifest = readManifest()
    writeManifest({ ...manifest, sources: { 'src/web/not-there.ts': 'anything' } })
    const logger = keepingLogger()
    expect((await createPageFileReader(logger, folder)()).assets.size).toBe(assetCount())
    expect(logger.lines).toEqual([])
  })

  test('are copied into the layout of their addresses, with the headers of the service, for a provider of static files', async () => {
    copyBuild()
    // The app serves the page of this checkout.
    await buildPage()
    const [site, app] = [join(folder, 'site'), await openApp()]
    writeStaticPage(site, folder)
    const rules = new Map(
      readFileSync(join(site, '_headers'), 'utf8')
        .split(/\n(?=\/)/)
        .map((rule) => [rule.split('\n')[0]!, rule.trim().split('\n').slice(1)] as const),
    )
    const hasHeaders = async (path: string, rule = path) => {
      const { headers } = await app.get(path, { authorization: '' })
      const expected = (rules.get(rule) ?? []).map((line) => line.trim().split(': '))
      expect(expected.length).toBeGreaterThan(4)
      expect(expected.map(([name]) => [name, headers.get(name!)])).toEqual(expected)
    }
    try {
      // Each file at its address holds the bytes with which the service responds.
      for (const [address, file] of [
        ['/dashboard', 'dashboard.html'],
        ['/dashboard/', 'dashboard/index.html'],
      ] as const) {
        const html = readFileSync(join(site, file), 'utf8')
        expect((await app.get(address, { authorization: '' })).text).toBe(html)
        await hasHeaders(address)
        const loaded = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url!)
        expect(loaded.length).toBeGreaterThan(2)
        for (const url of loaded) {
          const { pathname } = new URL(url, `http://edge.example${address}`)
          expect((await app.get(pathname, { authorization: '' })).text).toBe(readFileSync(join(site, pathname), 'utf8'))
          await hasHeaders(pathname, '/dashboard/assets/*')
        }
      }
      const assets = Object.keys(readManifest().files).filter((name) => !name.endsWith('.html'))
      expect(readdirSync(join(site, 'dashboard', 'assets')).toSorted()).toEqual(assets.toSorted())
    } finally {
      await app.close()
    }
  }, 30_000)
})
