import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { describeIntake } from '../service/intake-cases.ts'
import { describeRefusals } from '../service/refusal-cases.ts'
import { type Stage, openStage } from '../service/stage.ts'
import { parseCsv } from '../support/csv.ts'
import { runDeno } from '../support/deno.ts'
import { askForFile } from '../support/file-request.ts'
import { readWorkbook } from '../support/xlsx.ts'
import { describeDashboardsOf, describeLiveUntilStop, describeStopUnderLoad } from './deno-cases.ts'

describe('the service on Deno, with the embedded engine', () => {
  let opened: Stage | undefined
  const stage = () => opened!
  beforeAll(async () => {
    opened = await openStage(() => Promise.resolve({ env: {}, stop: () => Promise.resolve() }), { runtime: 'deno' })
  }, 90_000)
  afterAll(() => opened?.close(), 30_000)

  describeRefusals(stage)
  describeIntake(stage)
  describeDashboardsOf(stage, ['UTC', 'Asia/Kathmandu'])

  test('a dashboard is also a file, as CSV and as a workbook', async () => {
    const ask = (query: string) => askForFile(stage().service(), `/messages?${query}`, {}, { tenantId: 'tenant-1' })
    const { data } = JSON.parse((await ask('timeRange=30d')).text) as { data: { timeSeries: { sent: number }[] } }
    const sent = data.timeSeries.map((bucket) => String(bucket.sent))
    expect(sent.some((count) => count !== '0')).toBe(true)
    const [header = [], ...rows] = parseCsv((await ask('timeRange=30d&format=csv')).text)
    expect(rows.map((row) => row[header.indexOf('sent')]!)).toEqual(sent)
    const sheets = readWorkbook((await ask('timeRange=30d&format=xlsx')).bytes)
    const [names = [], ...lines] = sheets.find(({ name }) => name === 'timeSeries')!.rows
    expect(lines.map((line) => String(line[names.indexOf('Sent')]))).toEqual(sent)
  })

  test('the page comes with its script, its style and its icon', async () => {
    const { baseUrl } = stage().service()
    const page = await fetch(`${baseUrl}/dashboard`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8'])
    const names = [...(await page.text()).matchAll(/"(\/dashboard\/assets\/[^"]+)"/g)].map(([, path]) => path!)
    const files = await Promise.all(names.map(async (name) => (await fetch(baseUrl + name)).text()))
    expect(names.map((name) => name.replace(/-[0-9a-f]{8}\./, '.').replace(/.*\//, ''))).toEqual([
      'icon.svg',
      'page.css',
      'main.js',
    ])
    expect(files.map((file) => /<svg|\.uplot|createElement/.exec(file)?.[0])).toEqual([
      '<svg',
      '.uplot',
      'createElement',
    ])
  }, 60_000)

  test('a command that runs on Deno makes a key by the running service, which opens the dashboards', async () => {
    const { dataDir, secret, baseUrl } = stage().service()
    const args = ['create', '--tenant', 'tenant-1', '--scope', 'analytics:read']
    const made = await runDeno(['run', '-A', 'src/cli/keys.ts', ...args], { DATA_DIR: dataDir, JWT_SECRET: secret })
    const { key = '' } = JSON.parse(made.output.split('\n').find((line) => line.startsWith('{')) ?? '{}') as {
      key?: string
    }
    const ask = (apiKey: string) =>
      fetch(`${baseUrl}/api/v1/analytics/overview`, { headers: { 'x-api-key': apiKey } }).then(({ status }) => status)
    expect([await ask(key), await ask(`${key}x`)]).toEqual([200, 401])
  }, 30_000)

  describeStopUnderLoad(stage)
  describeLiveUntilStop(stage)
})
