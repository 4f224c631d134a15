import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
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
  /** A machine on which Deno has never run, and without a registry: what it needs is in the project's folder. */
  const home = mkdtempSync(join(tmpdir(), 'outreach-deno-'))
  const env = { HOME: home, DENO_DIR: join(home, 'deno'), NPM_CONFIG_REGISTRY: 'http://127.0.0.1:9/' }
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

  test('the page has the same script, style and icon as on Bun', async () => {
    const { baseUrl } = fixture().service()
    const page = await fetch(`${baseUrl}/dashboard`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8'])
    const names = [...(await page.text()).matchAll(/"(\.\/dashboard\/assets\/[^"]+)"/g)].map(([, path]) => path!)
    const served = await Promise.all(names.map(async (name) => (await fetch(new URL(name, page.url))).bytes()))
    const { assets } = await createPageFileReader(silentLogger)()
    expect(served).toEqual(names.map((name) => assets.get(name.split('/').at(-1)!)!.identity))
    const texts = served.map((file) => new TextDecoder().decode(file))
    expect(texts.map((text) => /<svg|\.uplot|createElement/.exec(text)?.[0])).toEqual([
      '<svg',
      '.uplot',
      'createElement',
    ])
  }, 60_000)

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
