/** Measures the duration of funnels over HTTP without a cache on a long history of the biggest tenant. */
import type { FunnelRequest } from '../../../src/analytics/funnels/funnel-request.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { token } from '../../support/http/tokens.ts'
import { type RunningService, startService } from '../../support/process/service.ts'
import { openHistory } from '../history/open-history.ts'
import { median, THREADS } from '../measure/machine.ts'
import { countStoreResponses, invalidateResponses } from './ask-dashboards.ts'
import { TENANT } from './dashboard-questions.ts'

/** Number of rounds before the measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 1

const steps = (...events: string[]) => events.map((event) => ({ event }))
const FUNNELS: Readonly<Record<string, FunnelRequest>> = {
  'message lifecycle': {
    entity: 'message',
    steps: steps('message_sent', 'message_delivered', 'message_opened', 'message_clicked'),
    order: 'ordered',
    window: '7d',
  },
  'three steps of contacts': {
    entity: 'contact',
    steps: steps('message_sent', 'message_opened', 'message_clicked'),
    order: 'ordered',
    window: '7d',
  },
  'enrollments to replies': {
    entity: 'enrollment',
    steps: steps('sequence_step_executed', 'sequence_enrollment_replied'),
    order: 'ordered',
    window: '30d',
  },
}

/** Milliseconds are medians of `requests` answers over 30 days, each read from the store. */
export async function benchFunnels(events: number, requests: number) {
  const history = await openHistory(events)
  const nats = await startNatsServer()
  const service = await startService({
    natsUrl: nats.url,
    dataDir: history.copy(),
    env: { ...THREADS, FLUSH_INTERVAL_MS: '50' },
  })
  const times: Record<string, number[]> = {}
  try {
    for (let request = -WARM_UP; request < requests; request++)
      for (const [name, funnel] of Object.entries(FUNNELS)) {
        await invalidateResponses(service, nats)
        const time = await timeFunnel(service, funnel)
        if (request >= 0) (times[name] ??= []).push(time)
      }
    const reads = await countStoreResponses(service)
    const expected = (WARM_UP + requests) * Object.keys(FUNNELS).length
    if (reads !== expected) throw new Error(`The store was asked ${reads} times, not ${expected}.`)
  } finally {
    await service.stop()
    await nats.stop()
    history.close()
  }
  const medians = Object.entries(times).map(([name, each]) => [name, Math.round(median(each) * 10) / 10] as const)
  return { store: { rows: history.rows, parts: history.parts }, requests, funnels: Object.fromEntries(medians) }
}

async function timeFunnel({ baseUrl, secret }: RunningService, funnel: FunnelRequest): Promise<number> {
  const startedAt = performance.now()
  const response = await fetch(`${baseUrl}/api/v1/analytics/funnels`, {
    method: 'POST',
    body: JSON.stringify({ ...funnel, timeRange: '30d' }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token(secret, { tenantId: TENANT })}` },
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`A funnel answered ${response.status}: ${text}`)
  return performance.now() - startedAt
}
