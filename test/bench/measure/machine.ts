import { cpus, totalmem } from 'node:os'
import packageJson from '../../../package.json' with { type: 'json' }

/** Describes the machine and the versions of a result: figures of different machines are not comparable. */
export function machine() {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    bun: Bun.version,
    engine: `chdb ${packageJson.optionalDependencies.chdb}`,
    broker: Bun.spawnSync(['nats-server', '--version']).stdout.toString().trim(),
    date: new Date().toISOString(),
  }
}

/** The number of native threads that `npm start` sets, which is also that of the readers of the embedded engine. */
export const THREADS = { UV_THREADPOOL_SIZE: '8' }

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
