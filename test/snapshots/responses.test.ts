import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { dashboardNames } from '../support/oracle/oracle.ts'
import { PAGED_QUERY, queriesOf } from './dashboard-queries.ts'
import { type FixedApp, openFixedApp, type RequestOptions } from './fixed-app.ts'
import { recordedBody, withFixedWords } from './fixed-words.ts'
import { expectRecorded } from './recorded.ts'
import { OVERVIEW, REQUESTS } from './requests.ts'

const STARTING_MS = 30_000
/** How many pages are recorded. */
const PAGES = 3

describe('the responses of the app are as recorded', () => {
  let app: FixedApp

  beforeAll(async () => {
    app = await openFixedApp('snapshots')
  }, STARTING_MS)
  afterAll(() => app.close(), STARTING_MS)

  const record = async (path: string, tenantId = 'tenant-a') => {
    const response = await app.request(path, { claims: { tenantId } })
    const [, nextCursor] = /"nextCursor":"([^"]*)"/.exec(await response.clone().text()) ?? []
    return { nextCursor, recorded: { status: response.status, body: await recordedBody(response) } }
  }

  test.each(dashboardNames)('%s', async (dashboard) => {
    const path = `/api/v1/analytics/${dashboard}`
    const recorded: Record<string, unknown> = {}
    for (const query of queriesOf(dashboard)) {
      const address = query === '' ? path : `${path}?${query}`
      const first = await record(address)
      recorded[address] = first.recorded
      if (query !== PAGED_QUERY) continue
      let { nextCursor } = first
      for (let page = 2; page <= PAGES; page++) {
        expect(nextCursor).toBeString()
        const next = await record(`${address}&cursor=${encodeURIComponent(nextCursor ?? '')}`)
        recorded[`${address}&cursor=CURSOR (page ${page})`] = next.recorded
        nextCursor = next.nextCursor
      }
    }
    recorded[`${path} of another tenant`] = (await record(path, 'tenant-b')).recorded
    const short = `${path}?timeRange=1d`
    recorded[`${short} of a tenant without events`] = (await record(short, 'tenant-c')).recorded
    await expectRecorded(`dashboard-${dashboard}`, recorded)
  })

  test('status, headers and body of each kind of response', async () => {
    const recorded: Record<string, unknown> = {}
    const add = async (title: string, path: string, options: RequestOptions = {}) => {
      const response = await app.request(path, options)
      const headers = Object.fromEntries([...response.headers].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      recorded[title] = {
        request: `${options.method ?? 'GET'} ${path}`,
        status: response.status,
        headers: withFixedWords(headers),
        body: await recordedBody(response),
      }
      return response
    }
    for (const request of REQUESTS) await add(...request)
    const etag = (await app.request(OVERVIEW)).headers.get('etag')
    expect(etag).toBeString()
    await add('an unchanged dashboard', OVERVIEW, { headers: { 'if-none-match': etag ?? '' } })
    await expectRecorded('responses', recorded)
  })
})
