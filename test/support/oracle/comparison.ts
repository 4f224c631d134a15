import type { RunningService } from '../process/service.ts'
import { differences } from './differences.ts'
import type { History } from './history.ts'
import { type Dashboard, type DashboardQuery, expectedData } from './oracle.ts'

/** Sends requests to the service or to the app. */
export type DashboardClient = Pick<RunningService, 'get'>

/** The differences between a dashboard's response and the independent calculation, each with its query; empty when every field is equal. */
export async function mistakesOf(
  service: DashboardClient,
  tenant: string,
  history: History,
  dashboard: Dashboard,
  query: DashboardQuery,
): Promise<string[]> {
  const address = `/api/v1/analytics/${dashboard}?${new URLSearchParams({ ...query }).toString()}`
  // Repeated when a quarter of an hour passed meanwhile: the day may have ended in some zone.
  for (;;) {
    const nowMs = Date.now()
    const answer = await service.get(address, { tenant })
    if (quarterOf(nowMs) !== quarterOf(Date.now())) continue
    if (answer.status !== 200) return [`${address}: ${answer.status} ${answer.text.slice(0, 500)}`]
    const expected = expectedData(dashboard, history, query, nowMs)
    const found = differences(answer.body?.data, expected)
    if ('byChannel' in expected) found.push(...surplusChannels(answer.body?.data, expected.byChannel))
    return found.slice(0, 5).map((difference) => `${address} of ${tenant}: ${difference}`)
  }
}

/** Fields may be added to any object, but a channel is not a field. */
function surplusChannels(data: unknown, expected: object): string[] {
  const { byChannel } = data as { readonly byChannel?: object }
  return Object.keys(byChannel ?? {})
    .filter((channel) => !(channel in expected))
    .map((channel) => `data.byChannel has ${channel}, which had no events`)
}

function quarterOf(instantMs: number): number {
  return Math.floor(instantMs / 900_000)
}
