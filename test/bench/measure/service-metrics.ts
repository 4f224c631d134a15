/** Reads the metrics of a running service. */
import type { RunningService } from '../../support/process/service.ts'

/** The current value of each series by its name with its labels. */
export type Metrics = ReadonlyMap<string, number>

export async function readMetrics(service: RunningService): Promise<Metrics> {
  const { text } = await service.get('/metrics')
  const metrics = new Map<string, number>()
  for (const line of text.split('\n')) {
    const end = line.lastIndexOf(' ')
    if (end > 0 && !line.startsWith('#')) metrics.set(line.slice(0, end), Number(line.slice(end + 1)))
  }
  return metrics
}

/** The value of a series; 0 for one that does not exist yet. */
export async function readMetric(service: RunningService, series: string): Promise<number> {
  return (await readMetrics(service)).get(series) ?? 0
}
