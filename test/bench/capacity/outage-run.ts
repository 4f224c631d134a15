/** Real short outages of the store: their recovery times validate the model of a long outage. */
import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, startService } from '../../support/process/service.ts'
import { startTcpProxy } from '../../support/broker/tcp-proxy.ts'
import { pause, until } from '../../support/process/until.ts'
import { hundredths, metric } from './capacity-deployment.ts'
import { catchUpSeconds } from './outage-model.ts'
import { addEventStream, publishLoad, type ReadyEvent } from './simulated-load.ts'

const SAMPLE_MS = 250
const TIMEOUT_MS = 240_000
const STEADY_MS = 8_000
/** A constant stream always has this number of events in flight: about the maximum age of a buffer, plus a commit. */
const ORDINARY_LAG_SECONDS = 1

export interface OutageRun {
  readonly outageSeconds: number
  /** From the return of the store until the first event is stored, which depends on the next attempt. */
  readonly retrySeconds: number
  /** Waiting events when the first event is stored. */
  readonly waiting: number
  /** From that moment until no more events wait than in normal operation. */
  readonly catchUpSeconds: number
  /** Events stored per second during the recovery. */
  readonly capacity: number
}

/** A short outage measures the capacity under the same load; the model then predicts a longer outage. */
export async function runOutages(events: readonly ReadyEvent[], rate: number, seconds: readonly [number, number]) {
  const nats = await startNatsServer()
  await addEventStream(nats.url)
  const front = await startClickHouseFront()
  const wire = await startTcpProxy(Number(new URL(front.url).port))
  const service = await startService({ natsUrl: nats.url, env: { CLICKHOUSE_URL: `http://127.0.0.1:${wire.port}` } })
  const over = new AbortController()
  let published = 0
  const load = publishLoad(nats.url, events, {
    perSecond: rate,
    signal: over.signal,
    onAcknowledged: () => void published++,
  })
  const stored = () => metric(service, 'analytics_events_stored_total')
  const outage = async (outageSeconds: number): Promise<OutageRun> => {
    await pause(STEADY_MS)
    wire.refuse(true)
    await pause(outageSeconds * 1_000)
    const before = await stored()
    wire.refuse(false)
    const backAt = performance.now()
    await until(async () => (await stored()) > before, TIMEOUT_MS, 'the store to be tried again')
    const [firstAt, first, waiting] = [performance.now(), await stored(), published - before]
    let now = first
    while (published - now > rate * ORDINARY_LAG_SECONDS) {
      if (performance.now() - firstAt > TIMEOUT_MS) throw new Error('It does not catch up.')
      await pause(SAMPLE_MS)
      now = await stored()
    }
    const took = (performance.now() - firstAt) / 1_000
    return {
      outageSeconds,
      retrySeconds: tenths((firstAt - backAt) / 1_000),
      waiting,
      catchUpSeconds: tenths(took),
      capacity: Math.round((now - first) / took),
    }
  }
  try {
    const [calibration, run] = [await outage(seconds[0]), await outage(seconds[1])]
    const predicted = tenths(catchUpSeconds(rate, calibration.capacity, run.waiting / rate - ORDINARY_LAG_SECONDS))
    return {
      rate,
      calibration,
      run,
      predictedSeconds: predicted,
      measuredToPredicted: hundredths(run.catchUpSeconds / predicted),
    }
  } finally {
    over.abort()
    await load
    await service.stop()
    forget(service)
    await wire.close()
    await front.stop()
    await nats.stop()
  }
}

const tenths = (value: number) => Math.round(value * 10) / 10
