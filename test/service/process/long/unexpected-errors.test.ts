import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sendControlRequest } from '../../../../src/host/data-directory/control-socket.ts'
import { askTicket, bearer, openSocket, openStream } from '../../../support/live/live-stream.ts'
import { forget, type RunningService, startService } from '../../../support/process/service.ts'
import { startNatsServer } from '../../../support/broker/nats-server.ts'
import { until } from '../../../support/process/until.ts'

const OVERVIEW = '/api/v1/analytics/overview'
/** Streams of tokens that end at this time fail. */
const LAST_SECOND = 4_102_444_799

const EVERYWHERE = new URL('../../mutants/exceptions-everywhere.ts', import.meta.url).pathname
const STRAY = new URL('../../mutants/stray-exceptions.ts', import.meta.url).pathname

const closers: (() => Promise<unknown> | void)[] = []
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
}, 60_000)

async function start(preload: string, unguarded = '', runtime: 'bun' | 'deno' = 'bun'): Promise<RunningService> {
  const nats = await startNatsServer()
  closers.push(() => nats.stop())
  const service = await startService({ natsUrl: nats.url, env: { UNGUARDED: unguarded }, preload, runtime })
  closers.push(async () => {
    await service.kill9()
    forget(service)
  })
  return service
}

const countOf = async (service: RunningService, where: string) => {
  const { text } = await service.get('/metrics')
  return Number(new RegExp(`^analytics_unexpected_errors_total\\{where="${where}"\\} (\\d+)$`, 'm').exec(text)?.[1])
}
const isAlive = async (service: RunningService) => (await service.get('/health/live')).status === 200

describe('an unexpected exception', () => {
  let service: RunningService
  beforeAll(async () => {
    service = await start(EVERYWHERE)
  }, 60_000)

  /** Runs an action; returns the number of exceptions that were counted at the given place, and the log line of the last one. */
  async function counted(where: string, name: string, task: () => Promise<unknown>) {
    const before = await countOf(service, where)
    await task()
    const isLogged = () => service.log().includes(`planted ${name}`)
    await until(isLogged, 20_000, `the log to tell of ${name}`)
    const line = service
      .log()
      .split('\n')
      .findLast((each) => each.includes(`planted ${name}`))!
    const logged = JSON.parse(line) as { message: string; level: string; where: string; stack: string }
    expect(logged).toMatchObject({ level: 'error', message: 'unexpected error', where })
    expect(logged.stack).toContain('    at ')
    expect(await isAlive(service)).toBe(true)
    return (await countOf(service, where)) - before
  }

  test.each([
    ['arrival', 'hook', '?planted-arrival', 'tenant-1', 500],
    ['bounds', 'request', '?planted-bounds', 'tenant-1', 500],
    ['route', 'request', '', 'planted-route', 500],
    ['refuse', 'hook', '?nothing', 'planted-refuse', 500],
    ['pace', 'hook', '', 'planted-pace', 500],
    // The response exists before it is recorded.
    ['record', 'hook', '', 'planted-record', 200],
  ] as const)(
    'in the step %s of a request is reported, and the response is the usual one',
    async (name, where, query, tenant, status) => {
      const count = await counted(where, name, async () => {
        const answer = await service.get(`${OVERVIEW}${query}`, {
          tenant,
          headers: { 'x-correlation-id': 'the-request' },
        })
        expect([answer.status, answer.headers.get('x-correlation-id')]).toEqual([status, 'the-request'])
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
        if (status === 200) return
        expect(answer.body).toEqual({
          success: false,
          error: { code: 'INTERNAL', message: 'Something went wrong on our side.' },
          meta: { correlationId: 'the-request' },
        })
      })
      expect(count).toBe(1)
    },
  )

  test('in a stream ends the stream, as server-sent events and as a WebSocket', async () => {
    const authorization = bearer(service, 'tenant-1', { exp: LAST_SECOND })
    const count = await counted('socket', 'stream', async () => {
      const events = await openStream(service, { authorization })
      const socket = await openSocket(service, `?ticket=${await askTicket(service, authorization)}`)
      await Promise.all([events.ended, socket.ended])
    })
    expect(count).toBe(2)
  })

  test('in a command is reported to the caller', async () => {
    const listKeys = async (tenant?: string) =>
      Array.fromAsync((await sendControlRequest(service.dataDir, { command: 'keys', action: 'list', tenant }))!)
    const count = await counted('socket', 'command', async () => {
      const response = listKeys('planted-command')
      expect(await response.catch((error: Error) => error.message)).toBe('planted command')
    })
    expect(count).toBe(1)
    expect(await listKeys()).toEqual([])
  })

  test('in a job ends that run, and in a timer that task', async () => {
    for (const name of ['job', 'timer']) {
      await counted(name, name, () => Promise.resolve())
      expect(await countOf(service, name)).toBe(1)
    }
    const isDone = () => /job done.*analytics-buffer-flush/.test(service.log())
    await until(isDone, 20_000, 'the next run of the job')
  }, 60_000)

  test('that belongs to none of these places did not occur', async () => {
    expect(await countOf(service, 'process')).toBe(0)
    expect(await countOf(service, 'ingestion')).toBe(0)
  })
})

describe.each(['bun', 'deno'] as const)('an error outside of every handler, on %s', (runtime) => {
  test('is reported, and the process continues', async () => {
    const service = await start(STRAY, '', runtime)
    process.kill(service.pid, 'SIGUSR2')
    await until(async () => (await countOf(service, 'process')) === 3, 20_000, 'three exceptions to be counted')
    for (const name of ['timer of its own', 'listener', 'rejection'])
      expect(service.log()).toContain(`"where":"process","error":"planted ${name}"`)
    expect(await isAlive(service)).toBe(true)
    expect(await service.stop()).toEqual({ code: 0, signal: null })
  }, 90_000)

  test('control: without the handlers the process ends', async () => {
    const service = await start(STRAY, 'process', runtime)
    process.kill(service.pid, 'SIGUSR2')
    const { code, signal } = await service.exited
    expect([code === 0, signal]).toEqual([false, null])
  }, 90_000)
})

describe('control: without its guard', () => {
  test('a request that cannot be recorded fails', async () => {
    const service = await start(EVERYWHERE, 'record')
    const { status } = await service.get(OVERVIEW, { tenant: 'planted-record' })
    expect([status, await countOf(service, 'hook')]).toEqual([500, 1])
  }, 60_000)

  test('a failed stream is not reported', async () => {
    const service = await start(EVERYWHERE, 'stream')
    const opening = openStream(service, { authorization: bearer(service, 'tenant-1', { exp: LAST_SECOND }) })
    // The connection breaks before or after the head of the response.
    await opening.then(({ ended }) => ended).catch(() => {})
    for (const where of ['socket', 'process']) expect([where, await countOf(service, where)]).toEqual([where, 0])
  }, 60_000)
})
