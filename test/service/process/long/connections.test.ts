import { afterAll, describe, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { publish, startNatsServer } from '../../../support/broker/nats-server.ts'
import { forget, startService } from '../../../support/process/service.ts'
import { until } from '../../../support/process/until.ts'

const MAX_OPEN_FILES = 700
const STRANGERS = 900

/** The tests mostly wait: they run at the same time, each with its own broker and service. */
describe('clients that connect and send nothing', () => {
  const closers: (() => Promise<unknown> | void)[] = []
  afterAll(async () => {
    for (const close of closers.toReversed()) await close()
  }, 30_000)

  /** Stores events while this number of connections is open; returns the log of the service. */
  async function storeBesideStrangers(preload?: string) {
    const nats = await startNatsServer()
    closers.push(() => nats.stop())
    const under = ['bash', '-c', `ulimit -n ${MAX_OPEN_FILES} && exec "$0" "$@"`]
    const service = await startService({ natsUrl: nats.url, under, ...(preload === undefined ? {} : { preload }) })
    closers.push(async () => {
      await service.kill9()
      forget(service)
    })
    const strangers = new Set<Socket>()
    const connectStranger = () => {
      const socket = connect(service.port, '127.0.0.1').on('error', () => {})
      strangers.add(socket)
      socket.once('close', () => strangers.delete(socket))
    }
    closers.push(() => strangers.forEach((socket) => socket.destroy()))
    while (strangers.size < STRANGERS) connectStranger()
    await Bun.sleep(1_000)
    const event = (index: number) => {
      const data = { messageId: `m-${index}`, channel: 'email' }
      return ['pipeline.message.sent', { tenantId: 'tenant-1', timestamp: new Date().toISOString(), data }] as const
    }
    for (let batch = 0; batch < 10; batch++) {
      await publish(
        nats.url,
        Array.from({ length: 20 }, (_, index) => event(batch * 20 + index)),
      )
      await Bun.sleep(300)
    }
    return { service, strangers }
  }

  test.concurrent(
    'leave enough file descriptors for the engine: events are stored, and requests are answered when the clients have gone',
    async () => {
      const { service, strangers } = await storeBesideStrangers()
      expect(service.log()).toContain('too many connections')
      expect(service.log()).not.toContain('storing a batch failed; retrying')
      for (const socket of strangers) socket.destroy()
      const stored = async () => {
        const { text } = await service.get('/metrics')
        return /^analytics_events_stored_total (\d+)$/m.exec(text)?.[1]
      }
      await until(async () => (await stored()) === '200', 20_000, 'the events to be counted')
    },
    90_000,
  )

  test.concurrent(
    'control: without the limit no event can be stored',
    async () => {
      const { service } = await storeBesideStrangers(
        new URL('../../mutants/unlimited-connections.ts', import.meta.url).pathname,
      )
      expect(service.log()).toContain('storing a batch failed; retrying')
    },
    90_000,
  )
})
