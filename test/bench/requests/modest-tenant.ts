/** The requests of a tenant whose latency is measured beside something else. */
import type { RunningService } from '../../support/process/service.ts'
import { dashboardNames } from '../../support/oracle/oracle.ts'
import { median } from '../measure/machine.ts'

const MODEST = 'tenant-2'
const DAY_MS = 86_400_000

export interface Query {
  readonly path: string
  readonly body?: object
}

/** Generates queries of ranges that were not queried before, so that no response is cached. */
export function newQueries(): () => Query {
  const startedAt = Date.now()
  let queryCount = 0
  return () => {
    const dashboard = dashboardNames[queryCount % dashboardNames.length]!
    const startDate = new Date(startedAt - 30 * DAY_MS + queryCount++).toISOString()
    return { path: `/api/v1/analytics/${dashboard}?startDate=${startDate}` }
  }
}

/** Requests one after the other until `isOver` says so. Returns the milliseconds of each. Rejects when one fails. */
export async function queryUntil(service: RunningService, next: () => Query, isOver: () => boolean): Promise<number[]> {
  const times: number[] = []
  while (!isOver()) {
    const startedAt = performance.now()
    const { status, text } = await service.get(next().path, { tenant: MODEST })
    if (status !== 200) throw new Error(`The modest tenant got ${status}: ${text}`)
    times.push(performance.now() - startedAt)
  }
  return times
}

export function queryFor(service: RunningService, next: () => Query, seconds: number): Promise<number[]> {
  const end = performance.now() + seconds * 1_000
  return queryUntil(service, next, () => performance.now() >= end)
}

export function figures(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b)
  const rounded = (ms: number) => Math.round(ms * 10) / 10
  return {
    requests: times.length,
    p50: rounded(median(times)),
    p99: rounded(sorted[Math.floor((sorted.length - 1) * 0.99)]!),
  }
}
