/** Measures the memory of the idle service on the embedded engine. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, startService } from '../../support/process/service.ts'
import { pause } from '../../support/process/until.ts'
import { median } from '../measure/machine.ts'
import { residentMiB } from '../measure/process-usage.ts'

const SETTLE_MS = 10_000

export async function benchIdleMemory(runs: number): Promise<{ residentMiB: number; runs: readonly number[] }> {
  const nats = await startNatsServer()
  const seen: number[] = []
  for (let run = 0; run < runs; run++) {
    const service = await startService({ natsUrl: nats.url })
    await pause(SETTLE_MS)
    seen.push(residentMiB(service.pid))
    await service.stop()
    forget(service)
  }
  await nats.stop()
  return { residentMiB: median(seen), runs: seen }
}
