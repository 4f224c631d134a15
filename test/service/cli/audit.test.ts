import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { runCli } from '../../support/process/cli.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { type RunningService, forget, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

const ROUTES = '/api/v1/analytics'
/** A value for every place in which a client can write text. */
const CANARY = 'canary-7f3a'

interface Line {
  readonly route: string
  readonly status: number
  readonly requests: number
  readonly correlationId: string
}

describe('npm run audit', () => {
  let nats: NatsServer
  let service: RunningService
  beforeAll(async () => {
    nats = await startNatsServer()
    service = await startService({ natsUrl: nats.url })
  }, 60_000)
  afterAll(async () => {
    await service.kill9()
    await nats.stop()
    forget(service)
  }, 30_000)

  const audit = (...args: string[]) => runCli('audit', args, { DATA_DIR: service.dataDir })
  const linesOf = (output: string) =>
    output
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line)

  test('rejects an invalid command line', async () => {
    expect(await audit()).toMatchObject({ code: 2, output: expect.stringContaining('--tenant') })
    expect(await audit('--tenant', 'a', '--since', 'yesterday')).toMatchObject({ code: 2 })
    expect(await audit('--tenant', 'a', '--limit', '0')).toMatchObject({ code: 2 })
    expect(await audit('--tenant', 'a', '--refused')).toMatchObject({ code: 2 })
  }, 30_000)

  test('prints the requests of a tenant newest first, polls counted, without values of the client, while the service runs and afterwards', async () => {
    const ask = (path: string, tenant: string, id: string, more: Record<string, string> = {}) =>
      service.get(path, { tenant, claims: { sub: 'ada' }, headers: { 'x-correlation-id': id, ...more } })
    const first = await ask(`${ROUTES}/campaigns?timeRange=7d&campaignId=${CANARY}&limit=3`, 'a', 'first')
    await ask(`${ROUTES}/overview?${CANARY}=${CANARY}`, 'a', 'second')
    await ask(`${ROUTES}/${CANARY}`, 'a', 'third')
    await ask(`${ROUTES}/overview`, 'b', 'other')
    await service.get('/health/live')
    const etag = first.headers.get('etag')!
    const polls = await Promise.all(
      Array.from({ length: 50 }, () =>
        ask(`${ROUTES}/campaigns?timeRange=7d&campaignId=${CANARY}&limit=3`, 'a', 'poll', { 'if-none-match': etag }),
      ),
    )
    expect(polls.map(({ status }) => status)).toEqual(polls.map(() => 304))
    for (const authorization of ['', `Bearer ${CANARY}.${CANARY}.${CANARY}`])
      await service.get(`${ROUTES}/overview?channel=${CANARY}`, { authorization })
    // The service writes its audit every five seconds.
    await until(async () => (await audit('--refused')).output.split('\n').length > 2, 20_000, 'the audit to be written')
    const ofTenant = await audit('--tenant', 'a', '--since', '1h')
    const lines = linesOf(ofTenant.output)
    expect(ofTenant.code).toBe(0)
    expect(lines.filter(({ status }) => status !== 304)).toEqual([
      expect.objectContaining({ route: 'none', status: 404, correlationId: 'third', subject: 'ada' }),
      expect.objectContaining({ route: `${ROUTES}/overview`, parameters: '?', status: 400, correlationId: 'second' }),
      {
        requestedAt: expect.any(String),
        tenantId: 'a',
        subject: 'ada',
        route: `${ROUTES}/campaigns`,
        parameters: 'campaignId&limit&timeRange=7d',
        status: 200,
        durationMs: expect.any(Number),
        correlationId: 'first',
        requests: 1,
      },
    ] as unknown as Line[])
    const counted = lines.filter(({ status }) => status === 304)
    expect(counted.reduce((sum, { requests }) => sum + requests, 0)).toBe(50)
    expect(counted.length).toBeLessThan(10)

    const refused = await audit('--refused')
    expect(linesOf(refused.output)).toEqual(
      Array.from({ length: 2 }, () =>
        expect.objectContaining({
          tenantId: '',
          subject: '',
          status: 401,
          route: `${ROUTES}/overview`,
          parameters: 'channel=?',
        }),
      ),
    )
    const ofOther = await audit('--tenant', 'b', '--limit', '1')
    expect(linesOf(ofOther.output).map(({ correlationId }) => correlationId)).toEqual(['other'])
    expect(ofTenant.output + refused.output + ofOther.output).not.toContain(CANARY)

    await service.stop()
    const afterwards = await audit('--tenant', 'a', '--since', '1h')
    expect(linesOf(afterwards.output)).toEqual(lines)
  }, 60_000)
})
