/**
 * Advances the open deliveries of one kind: claims those that are due, sends them, repeats known failures, and settles those whose sender has ended. Several processes may run
 * a worker each: the store lets one of them have a delivery.
 */
import { type Clock, sleep } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import {
  claimed,
  type DeliveryKey,
  isSettled,
  missedDelivery,
  nextStep,
  pendingDelivery,
  reopened,
} from './delivery.ts'
import { runAttempt, type SendDelivery } from './delivery-attempt.ts'
import type { DeliveryStore, OpenDelivery, OpenEntry, StoredDelivery } from './delivery-store.ts'

export interface DeliveryWorkerOptions<Target> {
  /** For log lines: `report`, `alert`. */
  readonly kind: string
  readonly store: DeliveryStore<Target>
  readonly send: SendDelivery<Target>
  /** Called for every settled delivery before it is closed, at least once. A rejection is logged, and it is called again. */
  readonly onSettled?: (stored: StoredDelivery<Target>) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
  /** Identifies this process among those that share the store. */
  readonly owner: string
  /** Attempts at a time; 4 by default. */
  readonly maxConcurrent?: number
}

/** How often the open deliveries are listed: those of other processes, which may have ended. */
const LIST_INTERVAL_MS = 5_000
const DEFAULT_CONCURRENT = 4

/** An open delivery, and when it is looked at next. */
interface Due<Target> {
  readonly open: OpenEntry<Target>
  at: number
  /** Whether its record was seen: one that lacks it then was erased. */
  isRecorded: boolean
}

export class DeliveryWorker<Target> {
  readonly #options: DeliveryWorkerOptions<Target>
  /** By the text of the key: when the delivery is looked at next. */
  readonly #dueAt = new Map<string, Due<Target>>()
  readonly #active = new Map<string, Promise<void>>()
  #wake: () => void = () => {}
  #hasLoggedFailure = false

  constructor(options: DeliveryWorkerOptions<Target>) {
    this.#options = options
  }

  /** Records a delivery as open; this process begins with it at once. Repeating it does not send again. Rejects when the broker does not respond: the caller repeats it. */
  async enqueue(open: OpenDelivery<Target>): Promise<void> {
    this.#consider(await this.#options.store.open(open))
  }

  /** Records a delivery as missed, unless it has a record. */
  async recordMissed({ key, target, startBy }: OpenDelivery<Target>): Promise<void> {
    await this.#options.store.create(key, missedDelivery(target, startBy))
  }

  /** Sends a settled delivery again, whatever became of it before. */
  resend({ key, delivery, revision }: StoredDelivery<Target>): Promise<void> {
    const { target, startBy } = delivery
    return this.enqueue({ key, target, startBy, resendOf: revision })
  }

  /** Works until the signal aborts, then resolves when no attempt is in progress. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    for (let listAt = -Infinity; !signal.aborted;) {
      if (clock.monotonic() >= listAt) {
        await this.#list()
        listAt = clock.monotonic() + LIST_INTERVAL_MS
      }
      this.#startDue(signal)
      await this.#untilNext(listAt - clock.monotonic(), signal)
    }
    await Promise.all(this.#active.values())
  }

  async #list(): Promise<void> {
    const known = [...this.#dueAt]
    try {
      const listed = await this.#options.store.listOpen()
      this.#forgetRemoved(known, new Set(listed.map(({ key }) => textOf(key))))
      for (const open of listed) this.#consider(open)
      this.#hasLoggedFailure = false
    } catch (error) {
      this.#logFailure('the open deliveries cannot be listed', error)
    }
  }

  /** Deliveries that were open before the list was read and are not in it: another process has settled them, or their tenant was erased, whose log must not name them again. */
  #forgetRemoved(known: readonly (readonly [id: string, entry: object])[], open: ReadonlySet<string>): void {
    for (const [id, entry] of known)
      if (!open.has(id) && !this.#active.has(id) && this.#dueAt.get(id) === entry) this.#dueAt.delete(id)
  }

  #consider(open: OpenEntry<Target>): void {
    const id = textOf(open.key)
    if (this.#dueAt.get(id)?.open.revision === open.revision) return
    this.#dueAt.set(id, { open, at: this.#options.clock.now(), isRecorded: false })
    this.#wake()
  }

  #startDue(signal: AbortSignal): void {
    const now = this.#options.clock.now()
    for (const [id, due] of this.#dueAt) {
      if (this.#isFull() || signal.aborted) return
      if (due.at > now || this.#active.has(id)) continue
      const work = this.#advance(id, due, signal).finally(() => {
        this.#active.delete(id)
        this.#wake()
      })
      this.#active.set(id, work)
    }
  }

  /** Never rejects. */
  async #advance(id: string, due: Due<Target>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    try {
      const waitUntil = await this.#step(due, signal)
      // It may have been requested again meanwhile.
      if (this.#dueAt.get(id) !== due) return
      if (waitUntil === undefined) this.#dueAt.delete(id)
      else due.at = waitUntil
    } catch (error) {
      this.#logFailure('a delivery cannot be advanced', error)
      due.at = clock.now() + LIST_INTERVAL_MS
    }
  }

  /** Resolves with the instant at which the delivery is looked at again; undefined when it is closed. */
  async #step(due: Due<Target>, signal: AbortSignal): Promise<number | undefined> {
    const { store, clock, owner } = this.#options
    const { open } = due
    const found = await store.read(open.key)
    if (!found && due.isRecorded) return undefined
    const stored = found ?? (await store.create(open.key, pendingDelivery(open.target, open.startBy)))
    if (!stored) return clock.now()
    due.isRecorded = true
    const { delivery, revision } = stored
    const now = clock.now()
    if (isSettled(delivery) && revision === open.resendOf)
      return this.#attempt(open, await store.replace(stored, reopened(delivery, owner, now)), signal)
    // The broker took the claim of this process, and its response was lost: nothing was sent.
    const { claim } = delivery
    if (claim?.owner === owner && claim.isPreparing) return this.#attempt(open, stored, signal)
    const step = nextStep(delivery, now)
    if (step.kind === 'wait') return step.until
    if (step.kind === 'claim')
      return this.#attempt(open, await store.replace(stored, claimed(delivery, owner, now)), signal)
    if (step.kind === 'settle' && !(await store.replace(stored, step.delivery))) return clock.now()
    return this.#close(open, step.kind === 'settle' ? { ...stored, delivery: step.delivery } : stored)
  }

  async #attempt(
    open: OpenEntry<Target>,
    stored: StoredDelivery<Target> | undefined,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { clock, kind, logger } = this.#options
    // Another process has it.
    if (!stored) return clock.now()
    const onDefect = (error: unknown) => logger.error('an attempt of a delivery failed unexpectedly', { kind, error })
    const written = await runAttempt(stored, { ...this.#options, signal, onDefect })
    if (!written) return undefined
    this.#logOutcome(written)
    if (isSettled(written.delivery)) return this.#close(open, written)
    return written.delivery.nextAttemptAt ?? clock.now()
  }

  async #close(open: OpenEntry<Target>, stored: StoredDelivery<Target>): Promise<undefined> {
    await this.#options.onSettled?.(stored)
    await this.#options.store.close(open)
    return undefined
  }

  /** Neither the target nor the error text, which may name it. */
  #logOutcome({ key, delivery }: StoredDelivery<Target>): void {
    const { logger, kind } = this.#options
    const { status, attempts, nextAttemptAt } = delivery
    const fields = { kind, tenantId: key.tenantId, sourceId: key.sourceId, deliveryId: key.id, status, attempts }
    if (status === 'sent' || status === 'skipped') logger.info('delivery settled', fields)
    else if (isSettled(delivery)) logger.warn('delivery settled', fields)
    else
      logger.warn('delivery failed and is tried again', {
        ...fields,
        ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: new Date(nextAttemptAt).toISOString() }),
      })
  }

  /** One line until listing works again. */
  #logFailure(message: string, error: unknown): void {
    const { logger, kind } = this.#options
    if (!this.#hasLoggedFailure) logger.warn(message, { kind, error: messageOf(error) })
    this.#hasLoggedFailure = true
  }

  #isFull(): boolean {
    return this.#active.size >= (this.#options.maxConcurrent ?? DEFAULT_CONCURRENT)
  }

  async #untilNext(untilListMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const isFull = this.#isFull()
    const waiting = isFull ? [] : [...this.#dueAt].filter(([id]) => !this.#active.has(id)).map(([, { at }]) => at)
    const untilDueMs = Math.min(Infinity, ...waiting) - clock.now()
    const timer = new AbortController()
    const woken = new Promise<void>((resolve) => (this.#wake = resolve))
    await Promise.race([
      woken,
      sleep(clock, Math.max(0, Math.min(untilListMs, untilDueMs)), AbortSignal.any([signal, timer.signal])),
    ])
    timer.abort()
    this.#wake = () => {}
  }
}

function textOf({ tenantId, sourceId, id }: DeliveryKey): string {
  return JSON.stringify([tenantId, sourceId, id])
}
