/** Measures the influence of what is stored on ingestion: a backlog into an empty store and into a long history, alternately. */
import { openHistory } from '../history/open-history.ts'
import { median } from '../measure/machine.ts'
import { perSecond, ratio, startBacklog } from './backlog.ts'
import { type Drain, drain } from './drain.ts'
import type { Backlog } from './ingest.ts'

export async function benchIngestHistory({ events, tenants, runs, history }: Backlog & { readonly history: number }) {
  const store = await openHistory(history)
  const nats = await startBacklog(events, tenants)
  const pairs: { emptyEventsPerSecond: number; eventsPerSecond: number; ratio: number; empty: Drain; over: Drain }[] =
    []
  try {
    for (let run = 1; run <= runs; run++) {
      const empty = await drain(nats, events, `empty-${run}`)
      const over = await drain(nats, events, `history-${run}`, { dataDir: store.copy(), rowsBefore: store.rows })
      pairs.push({
        emptyEventsPerSecond: perSecond(events, empty.seconds),
        eventsPerSecond: perSecond(events, over.seconds),
        ratio: ratio(empty.seconds, over.seconds),
        empty,
        over,
      })
      process.stderr.write(`${JSON.stringify(pairs.at(-1))}\n`)
    }
  } finally {
    await nats.stop()
    store.close()
  }
  return {
    events,
    tenants,
    history: { rows: store.rows, parts: store.parts },
    eventsPerSecond: median(pairs.map((pair) => pair.eventsPerSecond)),
    ratio: median(pairs.map((pair) => pair.ratio)),
    cpuMicrosPerEvent: median(pairs.map((pair) => pair.over.cpuMicrosPerEvent)),
    peakResidentMiB: median(pairs.map((pair) => pair.over.peakResidentMiB)),
    runs: pairs,
  }
}
