import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openServiceFixture, type ServiceFixture } from '../../support/process/service-fixture.ts'
import { askRaw } from '../../support/http/raw-http.ts'
import { token } from '../../support/http/tokens.ts'
import { until } from '../../support/process/until.ts'

const OVERVIEW = '/api/v1/analytics/overview'

/** Headers without a host, on a request line of a version that allows this. */
const HOSTS: readonly (readonly [string, string, readonly string[]])[] = [
  ['no Host', 'HTTP/1.0', []],
  ['an empty Host', 'HTTP/1.1', ['Host:']],
  ['the Host a|b', 'HTTP/1.1', ['Host: a|b']],
  ['the Host a b', 'HTTP/1.1', ['Host: a b']],
  ['the Host @', 'HTTP/1.1', ['Host: @']],
  ['the Host [::', 'HTTP/1.1', ['Host: [::']],
  ['the Host a%', 'HTTP/1.1', ['Host: a%']],
  ['the Host ..', 'HTTP/1.1', ['Host: ..']],
  ['the Host a:99999', 'HTTP/1.1', ['Host: a:99999']],
  ['the Host localhost', 'HTTP/1.1', ['Host: localhost']],
]

/** Other spellings that a proxy rule for `/metrics` does not match. */
const NOT_METRICS = [
  '/blocked/metrics',
  '/blocked/health/live',
  '//metrics',
  '//localhost/metrics',
  '///metrics',
  '/\\metrics',
  '/metrics/',
  '/metrics\\',
  '/%6detrics',
  '/%2fmetrics',
  '/x/../metrics',
  '/x/%2e%2e/metrics',
  '/x/.%2E/metrics',
  '/x\\..\\metrics',
  '/x/..\\metrics',
  '/./metrics',
  '/%2e/metrics',
  '/@metrics',
  '/;/metrics',
  '/?/metrics',
  '/metrics;x',
  'http://localhost/blocked/metrics',
  'http://localhost/x/../metrics',
  'http://localhost//metrics',
]

describe.each(['bun', 'deno'] as const)('routing by the request line, on %s', (runtime) => {
  let fixture: ServiceFixture
  beforeAll(async () => {
    fixture = await openServiceFixture({ runtime })
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)
  const raw = (line: string, headers: readonly string[]) => askRaw(fixture.service().port, line, headers)

  describe.each(HOSTS)('with %s', (_, version, headers) => {
    test('a public path is answered', async () => {
      for (const target of ['/health/ready', '/health/live', '/metrics', '/docs/json', '/?x=/nothing'])
        expect([target, (await raw(`GET ${target} ${version}`, headers)).status]).toEqual([target, 200])
      const absolute = await raw(`GET http://elsewhere.example/health/ready ${version}`, headers)
      expect(absolute.status).toBe(200)
    })

    test('no other path is routed to a public path', async () => {
      for (const target of NOT_METRICS) {
        const { status, body } = await raw(`GET ${target} ${version}`, headers)
        expect([target, body.includes('# HELP')]).toEqual([target, false])
        expect([target, status === 401 || target.startsWith('/?')]).toEqual([target, true])
      }
    })

    test('a dashboard is found by its own path only', async () => {
      const all = [...headers, `Authorization: Bearer ${token(fixture.service().secret, { tenantId: 'tenant-1' })}`]
      const statusOf = async (target: string) => (await raw(`GET ${target} ${version}`, all)).status
      expect(await statusOf(OVERVIEW)).toBe(200)
      for (const target of [`/x/..${OVERVIEW}`, `/x\\..${OVERVIEW}`, `/x${OVERVIEW}`, `/${OVERVIEW}`])
        expect([target, await statusOf(target)]).toEqual([target, 404])
    })
  })

  test('a Host that looks like a path changes nothing', async () => {
    for (const host of ['a/b', 'a/metrics?', 'a#b', 'a?b', 'a\\b', 'localhost/metrics#'])
      for (const target of ['/blocked/metrics', 'http://a/b/metrics', '//metrics']) {
        const { status, body } = await raw(`GET ${target} HTTP/1.1`, [`Host: ${host}`])
        expect([host, target, body.includes('# HELP'), [400, 401].includes(status)]).toEqual([
          host,
          target,
          false,
          true,
        ])
      }
  })

  test('no other spelling is routed to the pages', async () => {
    for (const path of ['/docs', '/docs/', '/dashboard', '/dashboard/', '/docs/assets/init.js', '/favicon.ico', '/'])
      for (const target of [`/x/..${path}`, `/x\\..${path}`, `/x\\..${path.replaceAll('/', '\\')}`])
        expect([target, (await raw(`GET ${target} HTTP/1.1`, ['Host: localhost'])).status]).toEqual([target, 401])
  })

  test('no other spelling is answered from the cache', async () => {
    const all = [
      'Host: localhost',
      `Authorization: Bearer ${token(fixture.service().secret, { tenantId: 'tenant-1' })}`,
    ]
    const { head } = await raw(`GET ${OVERVIEW} HTTP/1.1`, all)
    const poll = [...all, `If-None-Match: ${/^etag: (.*)$/im.exec(head)![1]!.trim()}`]
    expect((await raw(`GET ${OVERVIEW} HTTP/1.1`, poll)).status).toBe(304)
    for (const target of [`/x/..${OVERVIEW}`, `/x\\..${OVERVIEW}`])
      expect([target, (await raw(`GET ${target} HTTP/1.1`, poll)).status]).toEqual([target, 404])
  })

  test('two Host headers are refused', async () => {
    for (const hosts of [
      ['Host: localhost', 'Host: localhost'],
      ['Host: a', 'HOST: b'],
      ['Host: a|b', 'Host: c'],
    ])
      expect([hosts, (await raw('GET /health/live HTTP/1.1', hosts)).status]).toEqual([hosts, 400])
  })

  test('the log has the path of the request line', async () => {
    await raw('GET /first/second/third HTTP/1.0', [])
    await until(() => fixture.service().log().includes('third'), 10_000, 'the request to be logged')
    expect(fixture.service().log()).toContain('"path":"/first/second/third"')
  })
})
