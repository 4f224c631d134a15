/** Measures the milliseconds from launching `bun src/main.ts` until the service is ready, on an existing data directory and a running broker. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, startService } from '../../support/process/service.ts'
import { median } from '../measure/machine.ts'

const RUNS = 5

export async function benchStart(): Promise<{ readyMs: number; runs: readonly number[] }> {
  const nats = await startNatsServer()
  const first = await startService({ natsUrl: nats.url })
  await first.stop()
  const runs: number[] = []
  let last = first
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now()
    last = await startService({ natsUrl: nats.url, dataDir: first.dataDir })
    runs.push(Math.round(performance.now() - startedAt))
    await last.stop()
  }
  forget(last)
  await nats.stop()
  return { readyMs: median(runs), runs }
}
