/** Disables schedules whose mail nobody accepts. */
import type { Logger } from '../../base/logger.ts'
import { changeDefinition } from '../../definitions/change-definition.ts'
import type { Delivery, DeliveryKey } from '../../delivery/delivery.ts'
import { isSettled } from '../../delivery/delivery.ts'
import type { DeliveryStore, StoredDelivery } from '../../delivery/delivery-store.ts'
import type { RunStateStore } from '../../delivery/run-state-store.ts'
import type { ScheduleStore } from '../schedule/schedule.ts'
import { audienceOf, type ReportTarget, runIdOf } from './report-target.ts'
import type { ScheduleState } from './schedule-runner.ts'

/** As many runs in a row in which every delivery failed permanently disable a schedule. */
const MAX_FAILED_RUNS = 3

export interface FailureStreakOptions {
  readonly schedules: ScheduleStore
  readonly deliveries: DeliveryStore<ReportTarget>
  readonly states: RunStateStore<ScheduleState>
  readonly logger: Logger
}

export class FailureStreak {
  readonly #options: FailureStreakOptions

  constructor(options: FailureStreakOptions) {
    this.#options = options
  }

  /** Disables the schedule of a settled delivery when it was the last of too many failures in a row. Repeating it does no harm. */
  async onSettled({ key, delivery }: StoredDelivery<ReportTarget>): Promise<void> {
    if (!isRefused(delivery)) return
    const { schedules, states, logger } = this.#options
    const { tenantId, sourceId } = key
    const schedule = await schedules.find(tenantId, sourceId)
    if (!schedule?.body.enabled) return
    const stored = await states.read(tenantId, sourceId)
    const audience = await audienceOf(schedule.body)
    const runs = await this.#lastRuns(key, audience, stored?.state.failuresAfter ?? 0)
    if (runs.length < MAX_FAILED_RUNS || !runs.flat().every(isRefused)) return
    const disabledReason = `Disabled after ${MAX_FAILED_RUNS} runs in a row whose mail was refused permanently. The last error: ${delivery.error ?? 'unknown'}`
    await changeDefinition(schedules, tenantId, sourceId, (body) =>
      body.enabled ? { ...body, enabled: false, disabledReason } : undefined,
    )
    logger.warn('schedule disabled: its mail was refused permanently', { tenantId, scheduleId: sourceId })
    // A schedule that is enabled again has as many attempts again.
    const through = Math.max(stored?.state.through ?? 0, delivery.target.scheduledFor)
    const state = { through, failuresAfter: delivery.target.scheduledFor }
    await states.write(tenantId, sourceId, state, stored?.revision ?? 0)
  }

  /** The deliveries of the last runs that say something: those to the same audience, after an instant, of which any was attempted. */
  async #lastRuns(key: DeliveryKey, audience: string, after: number): Promise<Delivery<ReportTarget>[][]> {
    const { deliveries } = this.#options
    const ids = await deliveries.listIds(key.tenantId, key.sourceId)
    const runs: Delivery<ReportTarget>[][] = []
    for (const [, idsOfRun] of groupedByRun(ids)) {
      const stored = await Promise.all(idsOfRun.map((id) => deliveries.read({ ...key, id })))
      const all = stored.flatMap((each) => each?.delivery ?? [])
      const attempted = all.filter(({ status }) => status !== 'missed' && status !== 'skipped')
      const [first] = attempted
      if (!first) continue
      if (first.target.audience !== audience || first.target.scheduledFor <= after) break
      runs.push(attempted)
      if (runs.length === MAX_FAILED_RUNS) break
    }
    return runs
  }
}

function isRefused(delivery: Delivery<ReportTarget>): boolean {
  return isSettled(delivery) && delivery.status === 'failed' && delivery.isPermanent === true
}

/** Ids in descending order, by the run that their first part names. */
function groupedByRun(ids: readonly string[]): Map<string, string[]> {
  const length = runIdOf(0).length
  const groups = new Map<string, string[]>()
  for (const id of ids) groups.set(id.slice(0, length), [...(groups.get(id.slice(0, length)) ?? []), id])
  return groups
}
