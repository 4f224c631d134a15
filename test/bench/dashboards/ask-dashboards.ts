/** Requests dashboards of the biggest tenant over HTTP so that each response comes from the store. */
import { publish, type NatsServer } from '../../support/broker/nats-server.ts'
import { token } from '../../support/http/tokens.ts'
import type { RunningService } from '../../support/process/service.ts'
import { readMetric } from '../measure/service-metrics.ts'
import { TENANT } from './dashboard-questions.ts'

const POLL_MS = 5

/** Requests a dashboard and returns the milliseconds until its response is complete. */
export async function timeDashboard(service: RunningService, dashboard: string, timeRange: string): Promise<number> {
  const startedAt = performance.now()
  const { status, text } = await service.get(`/api/v1/analytics/${dashboard}?timeRange=${timeRange}`, {
    tenant: TENANT,
  })
  if (status !== 200) throw new Error(`${dashboard} answered ${status}: ${text}`)
  return performance.now() - startedAt
}

/** Sends a body to a path below the API and returns the milliseconds until its response is complete. */
export async function timePost({ baseUrl, secret }: RunningService, path: string, body: object): Promise<number> {
  const startedAt = performance.now()
  const response = await fetch(`${baseUrl}/api/v1/analytics/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token(secret, { tenantId: TENANT })}` },
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`)
  return performance.now() - startedAt
}

/** Stores one event of the tenant, after which none of its cached responses is valid. */
export async function invalidateResponses(service: RunningService, nats: NatsServer): Promise<void> {
  const stored = await countStored(service)
  await publish(nats.url, [
    [
      'pipeline.message.sent',
      {
        tenantId: TENANT,
        timestamp: new Date().toISOString(),
        data: { messageId: `bench-${crypto.randomUUID()}`, channel: 'email' },
      },
    ],
  ])
  while ((await countStored(service)) === stored) await Bun.sleep(POLL_MS)
}

export function countStored(service: RunningService): Promise<number> {
  return readMetric(service, 'analytics_events_stored_total')
}

/** The number of responses since the start that were read from the store. */
export function countStoreResponses(service: RunningService): Promise<number> {
  return readMetric(service, 'analytics_dashboard_responses_total{source="store"}')
}
