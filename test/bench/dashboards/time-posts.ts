/** Times `POST` requests over HTTP without a cache on a long history. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { startService } from '../../support/process/service.ts'
import { openHistory } from '../history/open-history.ts'
import { median, THREADS } from '../measure/machine.ts'
import { peakResidentMiB, residentMiB } from '../measure/process-usage.ts'
import { countStoreResponses, invalidateResponses, timePost } from './ask-dashboards.ts'

/** Number of rounds before the measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 2

/** `path` is below `/api/v1/analytics`. The bodies are requested in turn, `requests` times each. */
export interface PostedRequests {
  readonly path: string
  readonly bodies: Readonly<Record<string, object>>
  readonly events: number
  readonly requests: number
  /** Whether each answer is counted as one that was read from the store. */
  readonly isVersioned?: boolean
}

/** Milliseconds are medians, each answer read from the store. Memory is that of the whole process: when it is ready, and the most of it since its start. */
export async function timePosts({ path, bodies, events, requests, isVersioned = true }: PostedRequests) {
  const history = await openHistory(events)
  const nats = await startNatsServer()
  const env = { ...THREADS, FLUSH_INTERVAL_MS: '50' }
  const service = await startService({ natsUrl: nats.url, dataDir: history.copy(), env })
  const times: Record<string, number[]> = {}
  let memory
  try {
    const readyMiB = residentMiB(service.pid)
    for (let request = -WARM_UP; request < requests; request++)
      for (const [name, body] of Object.entries(bodies)) {
        await invalidateResponses(service, nats)
        const time = await timePost(service, path, body)
        if (request >= 0) (times[name] ??= []).push(time)
      }
    memory = { readyMiB, peakMiB: peakResidentMiB(service.pid) }
    const reads = await countStoreResponses(service)
    const expected = (WARM_UP + requests) * Object.keys(bodies).length
    if (isVersioned && reads !== expected) throw new Error(`The store was asked ${reads} times, not ${expected}.`)
  } finally {
    await service.stop()
    await nats.stop()
    history.close()
  }
  const medians = Object.entries(times).map(([name, each]) => [name, Math.round(median(each) * 10) / 10] as const)
  return {
    store: { rows: history.rows, parts: history.parts },
    requests,
    memory,
    milliseconds: Object.fromEntries(medians),
  }
}
