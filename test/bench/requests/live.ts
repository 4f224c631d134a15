/** Measures the live stream: the time from publishing an event until a client receives it, the memory per client, and the effect of clients on ingestion. */
import { bearer, openStream } from '../../support/live/live-stream.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { pause, until } from '../../support/process/until.ts'
import { ratio, startBacklog } from '../ingestion/backlog.ts'
import { drain } from '../ingestion/drain.ts'
import { measureProbes, PROBE_TENANT, startSteadyLoad } from '../ingestion/probes.ts'
import { median } from '../measure/machine.ts'
import { residentMiB } from '../measure/process-usage.ts'

const TENANTS = 50
const CLIENTS = 200
const IDLE_CLIENTS = 1_000
const POLL_MS = 2
const SETTLE_MS = 3_000

export interface LiveBenchOptions {
  readonly eventsPerSecond: number
  readonly seconds: number
  /** Number of events that are drained with clients and without. */
  readonly backlog: number
  readonly runs: number
}

export async function benchLive({ eventsPerSecond, seconds, backlog, runs }: LiveBenchOptions) {
  return {
    seen: await benchSeen(eventsPerSecond, seconds),
    idle: await benchIdle(),
    drained: await benchDrained(backlog, runs),
  }
}

/** Opens this number of clients, evenly distributed over the tenants. Each has a socket, because fetch of the runtime has no more than 256 connections. */
async function openStreams(service: RunningService, count: number): Promise<() => void> {
  const closers: (() => void)[] = []
  for (let index = 0; index < count; index += TENANTS)
    closers.push(
      ...(await Promise.all(Array.from({ length: TENANTS }, (_, tenant) => openRaw(service, `tenant-${tenant + 1}`)))),
    )
  return () => {
    for (const close of closers) close()
  }
}

/** A connection with a stream, which either reads the stream or never reads a byte. Rejects when the stream is refused. */
async function openRaw(service: RunningService, tenant: string, isDeaf = false): Promise<() => void> {
  const answered = Promise.withResolvers<void>()
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: service.port,
    socket: {
      open(opened) {
        if (isDeaf) opened.pause()
        opened.write(
          `GET /api/v1/analytics/live HTTP/1.1\r\nhost: localhost\r\nauthorization: ${bearer(service, tenant)}\r\n\r\n`,
        )
      },
      data(_, bytes) {
        const head = bytes.subarray(0, 15).toString()
        if (head.startsWith('HTTP/1.1 200')) answered.resolve()
        else answered.reject(new Error(`A stream was refused: ${head}`))
      },
    },
  })
  if (!isDeaf) await answered.promise
  return () => socket.terminate()
}

async function benchSeen(eventsPerSecond: number, seconds: number) {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url })
  const load = startSteadyLoad(nats.url, { eventsPerSecond, seconds: seconds + 10, tenants: TENANTS })
  await pause(SETTLE_MS)
  const before = residentMiB(service.pid)
  const leave = await openStreams(service, CLIENTS)
  const leaveDeaf = await openRaw(service, 'tenant-1', true)
  const { viewer, close, status } = await openStream(service, { tenant: PROBE_TENANT })
  if (status !== 200) throw new Error(`The probe's stream was refused: ${status}.`)
  const countSeen = () => viewer.count('message_sent')
  const probes = await measureProbes(nats.url, { seconds, pollMs: POLL_MS, countSeen })
  const after = residentMiB(service.pid)
  const { text } = await service.get('/metrics')
  const rate = await load()
  close()
  leave()
  leaveDeaf()
  await service.stop()
  forget(service)
  await nats.stop()
  const resyncs = [...text.matchAll(/^analytics_live_resyncs_total\{reason="(\w+)"\} (\d+)$/gm)]
  return {
    eventsPerSecond: rate,
    clients: CLIENTS + 1,
    ...probes,
    residentMiB: { before, after },
    resyncs: Object.fromEntries(resyncs.map(([, reason, count]) => [reason!, Number(count)])),
  }
}

async function benchIdle() {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url })
  await pause(SETTLE_MS)
  const before = residentMiB(service.pid)
  const leave = await openStreams(service, IDLE_CLIENTS)
  await pause(SETTLE_MS)
  const connected = residentMiB(service.pid)
  leave()
  await until(
    async () => /^analytics_live_clients 0$/m.test((await service.get('/metrics')).text),
    30_000,
    'the clients to be gone',
  )
  const { code } = await service.stop()
  forget(service)
  await nats.stop()
  return { clients: IDLE_CLIENTS, residentMiB: { before, connected }, exitCode: code }
}

async function benchDrained(events: number, runs: number) {
  const nats = await startBacklog(events, TENANTS)
  const pairs: { without: number; with: number; ratio: number }[] = []
  for (let run = 0; run < runs; run++) {
    const without = await drain(nats, events, `without-${run}`)
    let leave = () => {}
    const attended = await drain(nats, events, `with-${run}`, {
      onReady: async (service) => {
        leave = await openStreams(service, CLIENTS)
      },
    })
    leave()
    pairs.push({ without: without.seconds, with: attended.seconds, ratio: ratio(without.seconds, attended.seconds) })
    process.stderr.write(`${JSON.stringify(pairs.at(-1))}\n`)
  }
  await nats.stop()
  return { events, clients: CLIENTS, ratio: median(pairs.map((pair) => pair.ratio)), runs: pairs }
}
