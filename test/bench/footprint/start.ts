/** Measures the milliseconds from launching `bun src/main.ts` until the service is ready, on an existing data directory and a running broker. */
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { openHistory } from '../history/open-history.ts'
import { median } from '../measure/machine.ts'

const RUNS = 5

interface Starts {
  readonly readyMs: number
  readonly runs: readonly number[]
}

export async function benchStart(): Promise<Starts> {
  const nats = await startNatsServer()
  const first = await startService({ natsUrl: nats.url })
  await first.stop()
  const starts = await startOften(nats, first)
  await nats.stop()
  return starts
}

/** The same with a data directory that holds about this number of events. */
export async function benchStartHistory(events: number) {
  const history = await openHistory(events)
  const nats = await startNatsServer()
  try {
    // The first start on a copy is not counted: files that were copied are in the memory of the machine, and others may not be.
    const first = await startService({ natsUrl: nats.url, dataDir: history.copy() })
    await first.stop()
    return { history: { rows: history.rows, parts: history.parts }, ...(await startOften(nats, first)) }
  } finally {
    await nats.stop()
    history.close()
  }
}

/** Starts the service again and again on the data directory of a service that has exited, and deletes the directory. */
async function startOften(nats: NatsServer, first: RunningService): Promise<Starts> {
  const runs: number[] = []
  let last = first
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now()
    last = await startService({ natsUrl: nats.url, dataDir: first.dataDir })
    runs.push(Math.round(performance.now() - startedAt))
    await last.stop()
  }
  forget(last)
  return { readyMs: median(runs), runs }
}
