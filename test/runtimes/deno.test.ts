import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeIntake } from '../service/end-to-end/intake-cases.ts'
import { describeRefusals } from '../service/end-to-end/refusal-cases.ts'
import { type ServiceFixture, openServiceFixture } from '../support/process/service-fixture.ts'
import { parseCsv } from '../support/http/csv.ts'
import { runDeno } from '../support/runtimes/deno.ts'
import { askForFile } from '../support/http/file-request.ts'
import { readWorkbook } from '../support/http/xlsx.ts'
import { createPageFileReader } from '../../src/host/page-files.ts'
import { silentLogger } from '../support/base/silent-logger.ts'
import { describeDashboardsOf, describeLiveUntilStop, describeStopUnderLoad } from './deno-cases.ts'

describe('the service on Deno, with the embedded engine', () => {
  let opened: ServiceFixture | undefined
  const fixture = () => opened!
  /**
   * A machine on which Deno has never run and that reaches no other host: its cache is empty, the registry refuses connections, and so does the proxy of everything that is not
   * on this machine.
   */
  const home = mkdtempSync(join(tmpdir(), 'outreach-deno-'))
  const nowhere = 'http://127.0.0.1:9/'
  const env = {
    HOME: home,
    DENO_DIR: join(home, 'deno'),
    NPM_CONFIG_REGISTRY: nowhere,
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    NO_PROXY: '127.0.0.1,localhost',
  }
  beforeAll(async () => {
    opened = await openServiceFixture({ env, runtime: 'deno' })
  }, 90_000)
  afterAll(async () => {
    await opened?.close()
    rmSync(home, { recursive: true, force: true })
  }, 30_000)

  describeRefusals(fixture)
  describeIntake(fixture)
  describeDashboardsOf(fixture, ['UTC', 'Asia/Kathmandu'])

  test('a dashboard is exported as CSV and as a workbook', async () => {
    const ask = (query: string) => askForFile(fixture().service(), `/messages?${query}`, {}, { tenantId: 'tenant-1' })
    const { data } = JSON.parse((await ask('timeRange=30d')).text) as { data: { timeSeries: { sent: number }[] } }
    const sent = data.timeSeries.map((bucket) => String(bucket.sent))
    expect(sent.some((count) => count !== '0')).toBe(true)
    const [header = [], ...rows] = parseCsv((await ask('timeRange=30d&format=csv')).text)
    expect(rows.map((row) => row[header.indexOf('sent')]!)).toEqual(sent)
    const sheets = readWorkbook((await ask('timeRange=30d&format=xlsx')).bytes)
    const [names = [], ...lines] = sheets.find(({ name }) => name === 'timeSeries')!.rows
    expect(lines.map((line) => String(line[names.indexOf('Sent')]))).toEqual(sent)
  })

  test('the process metrics have values', async () => {
    const { text } = await fixture().service().get('/metrics')
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes'])
      expect([name, new RegExp(`^${name} [1-9]`, 'm').test(text)]).toEqual([name, true])
    // Its permissions do not let it look.
    expect(text).not.toContain('process_open_fds')
  })

  test('the page and its assets are the built files, compressed as they were built', async () => {
    const { baseUrl } = fixture().service()
    const { page, pageInFolder, assets } = await createPageFileReader(silentLogger)()
    for (const [path, html] of [
      ['/dashboard', page],
      ['/dashboard/', pageInFolder],
    ] as const) {
      const response = await fetch(baseUrl + path)
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8'])
      expect(await response.bytes()).toEqual(html.identity)
      const names = [...new TextDecoder().decode(html.identity).matchAll(/"(\.\/[^"]+)"/g)].map(([, name]) => name!)
      expect(new Set(names.map((name) => name.split('.').at(-1)))).toEqual(new Set(['svg', 'css', 'js']))
    }
    expect(assets.size).toBeGreaterThan(2)
    for (const [name, asset] of assets)
      for (const [encoding, bytes] of [
        ['br', asset.br],
        ['gzip', asset.gzip],
        ['identity', asset.identity],
      ] as const) {
        const headers = { 'accept-encoding': encoding }
        const response = await fetch(`${baseUrl}/dashboard/assets/${name}`, { headers, decompress: false })
        expect([name, response.status, response.headers.get('content-encoding') ?? 'identity']).toEqual([
          name,
          200,
          encoding,
        ])
        expect(await response.bytes()).toEqual(bytes!)
      }
  }, 60_000)

  test('the API docs are complete', async () => {
    const { baseUrl } = fixture().service()
    const html = await (await fetch(`${baseUrl}/docs`)).text()
    const addresses = [...html.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(([, address]) => address!)
    expect(addresses.length).toBeGreaterThan(4)
    for (const address of addresses) {
      const { status, headers } = await fetch(`${baseUrl}/${address}`)
      expect([address, status]).toEqual([address, 200])
      if (address.includes('?v=')) expect(headers.get('cache-control')).toContain('immutable')
    }
  })

  test('the service has downloaded nothing, as it cannot: modules of other hosts are refused', async () => {
    const kept = readdirSync(env.DENO_DIR, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(kept.length).toBeGreaterThan(0)
    const folders = kept.map(({ parentPath }) => parentPath.slice(env.DENO_DIR.length + 1).split('/')[0]!)
    expect(folders.filter((folder) => ['npm', 'remote'].includes(folder))).toEqual([])
    for (const specifier of ['https://deno.land/std/version.ts', 'npm:left-pad@1.3.0', 'jsr:@std/bytes@1']) {
      const { code, output } = await runDeno(['eval', '--no-config', `await import(${JSON.stringify(specifier)})`], {
        ...env,
        DENO_DIR: join(home, 'control'),
      })
      expect([specifier, code, output.startsWith('Download ')]).toEqual([specifier, 1, true])
    }
  })

  test('a command on Deno creates an API key through the running service', async () => {
    const { dataDir, secret, baseUrl } = fixture().service()
    const args = ['create', '--tenant', 'tenant-1', '--scope', 'analytics:read']
    const made = await runDeno(['run', '-A', 'src/cli/main.ts', 'keys', ...args], {
      DATA_DIR: dataDir,
      JWT_SECRET: secret,
    })
    const { key = '' } = JSON.parse(made.output.split('\n').find((line) => line.startsWith('{')) ?? '{}') as {
      key?: string
    }
    const ask = (apiKey: string) =>
      fetch(`${baseUrl}/api/v1/analytics/overview`, { headers: { 'x-api-key': apiKey } }).then(({ status }) => status)
    expect([await ask(key), await ask(`${key}x`)]).toEqual([200, 401])
  }, 30_000)

  describeStopUnderLoad(fixture)
  describeLiveUntilStop(fixture)
})
