/**
 * Creates the deliveries of schedules when their instants come. Every process runs this: creating a delivery that exists does nothing, and the state of a schedule says how far it
 * has run.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Definition } from '../../definitions/ports.ts'
import type { DeliveryWorker } from '../../delivery/delivery-worker.ts'
import type { OpenDelivery } from '../../delivery/delivery-store.ts'
import type { RunStateStore } from '../../delivery/run-state-store.ts'
import { plannedInstants, plannedInstantsWithin } from '../schedule/planned-instants.ts'
import type { Schedule, ScheduleFeed } from '../schedule/schedule.ts'
import { audienceOf, deliveryKeyOf, type ReportTarget } from './report-target.ts'

/** How far a schedule has run. */
export interface ScheduleState {
  /** The newest planned instant whose deliveries exist. */
  readonly through: number
  /** Deliveries up to this instant do not count as failures in a row. */
  readonly failuresAfter?: number
}

export interface ScheduleRunnerOptions {
  readonly feed: ScheduleFeed
  readonly states: RunStateStore<ScheduleState>
  readonly worker: Pick<DeliveryWorker<ReportTarget>, 'enqueue' | 'recordMissed'>
  readonly clock: Clock
  readonly logger: Logger
}

const HOUR_MS = 3_600_000
/** A run that was missed is made up for this long. */
const MAX_LATENESS_MS = 6 * HOUR_MS
/** Missed runs that are recorded, the newest of those since the last run. */
const MAX_RECORDED = 31
const MAX_LOOK_BACK_MS = 90 * 24 * HOUR_MS
/** The wall clock may be set meanwhile. */
const MAX_SLEEP_MS = 30_000
const RETRY_MS = 5_000

interface KnownSchedule {
  readonly tenantId: string
  readonly id: string
  readonly revision: number
  /** The next planned instant; Infinity when there is none. */
  readonly nextAt: number
}

export class ScheduleRunner {
  readonly #options: ScheduleRunnerOptions
  readonly #known = new Map<string, KnownSchedule>()
  #hasLoggedFailure = false

  constructor(options: ScheduleRunnerOptions) {
    this.#options = options
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { feed, clock } = this.#options
    let changed = new AbortController()
    const stop = feed.onChange(() => changed.abort())
    while (!signal.aborted) {
      // A change during the pass ends the next sleep at once.
      changed = new AbortController()
      const sleepMs = await this.runDue(signal)
      await sleep(clock, sleepMs, AbortSignal.any([signal, changed.signal]))
    }
    stop()
  }

  /** Creates all deliveries that are due. Resolves with the time until the next ones, in milliseconds. */
  async runDue(signal: AbortSignal): Promise<number> {
    const { feed, clock } = this.#options
    const seen = new Set<string>()
    let nextAt = Infinity
    let hasFailed = false
    for (const schedule of feed.all()) {
      if (signal.aborted) break
      const key = JSON.stringify([schedule.tenantId, schedule.id])
      seen.add(key)
      try {
        const known = this.#known.get(key)
        const isCurrent = known?.revision === schedule.revision && known.nextAt > clock.now()
        const next = isCurrent ? known.nextAt : await this.#runSchedule(schedule)
        const { tenantId, id, revision } = schedule
        this.#known.set(key, { tenantId, id, revision, nextAt: next })
        nextAt = Math.min(nextAt, next)
      } catch (error) {
        hasFailed = true
        this.#logFailure(error)
      }
    }
    for (const [key, known] of this.#known) if (!seen.has(key)) await this.#forget(key, known)
    if (!hasFailed) this.#hasLoggedFailure = false
    return Math.max(0, Math.min(hasFailed ? RETRY_MS : MAX_SLEEP_MS, nextAt - clock.now()))
  }

  /** Removes the state of a schedule that was removed. A state that stays, because the broker does not respond, does no harm. */
  async #forget(key: string, { tenantId, id }: KnownSchedule): Promise<void> {
    this.#known.delete(key)
    await this.#options.states.remove(tenantId, id).catch(() => {})
  }

  /** Creates the deliveries of a schedule that are due. Resolves with its next planned instant. */
  async #runSchedule({ tenantId, id, body }: Definition<Schedule>): Promise<number> {
    const { states, clock } = this.#options
    if (!body.enabled) return Infinity
    const now = clock.now()
    const [afterSave = Infinity] = plannedInstants(body, body.savedAt, 1)
    if (afterSave > now) return afterSave
    const stored = await states.read(tenantId, id)
    const since = Math.max(body.savedAt, stored?.state.through ?? 0)
    const due = plannedInstantsWithin(body, Math.max(since, now - MAX_LOOK_BACK_MS), now, MAX_RECORDED)
    const newest = due.at(-1)
    if (newest !== undefined) {
      for (const scheduledFor of due)
        await this.#createRun({ tenantId, id, body }, scheduledFor, scheduledFor === newest)
      // Another process may have been faster: it has created the same deliveries.
      await states.write(tenantId, id, { ...stored?.state, through: newest }, stored?.revision ?? 0)
    }
    const [next = Infinity] = plannedInstants(body, Math.max(since, now), 1)
    return next
  }

  async #createRun(
    { tenantId, id, body }: Pick<Definition<Schedule>, 'tenantId' | 'id' | 'body'>,
    scheduledFor: number,
    isNewest: boolean,
  ): Promise<void> {
    const { worker, clock } = this.#options
    const startBy = scheduledFor + MAX_LATENESS_MS
    const isMadeUp = isNewest && clock.now() <= startBy
    const audience = await audienceOf(body)
    for (const recipient of body.recipients) {
      const target = { scheduledFor, recipient, audience }
      const delivery: OpenDelivery<ReportTarget> = {
        key: await deliveryKeyOf({ tenantId, id }, target),
        target,
        startBy,
      }
      await (isMadeUp ? worker.enqueue(delivery) : worker.recordMissed(delivery))
    }
  }

  /** One line until all schedules run again. */
  #logFailure(error: unknown): void {
    if (!this.#hasLoggedFailure) this.#options.logger.warn('a schedule cannot run', { error: messageOf(error) })
    this.#hasLoggedFailure = true
  }
}
