/**
 * One attempt of a claimed delivery: extends the claim while the attempt runs, and writes its outcome.
 */
import { backoffMs, type Clock, sleep } from '../base/clock.ts'
import {
  afterAttempt,
  CLAIM_MS,
  type Delivery,
  type DeliveryKey,
  type DeliveryOutcome,
  handedOver,
} from './delivery.ts'
import type { DeliveryStore, StoredDelivery } from './delivery-store.ts'

/**
 * Records that the receiving side may have the content from now on. Resolves with false when that cannot be recorded, as the broker does not respond or another process has the
 * delivery: nothing may be sent then.
 */
export type BeginSending = () => Promise<boolean>

/**
 * Sends one delivery. It calls `begin` when the content is made, before the receiving side can take any of it; without that, the delivery is sent again when this process ends. A
 * rejection is a defect, which is logged, and counts as `retry`: it must not reject once the receiving side may have taken the content.
 */
export type SendDelivery<Target> = (
  key: DeliveryKey,
  delivery: StoredDelivery<Target>['delivery'],
  signal: AbortSignal,
  begin: BeginSending,
) => Promise<DeliveryOutcome>

/** The outcome of an attempt that could not begin. */
export const NOT_BEGUN: DeliveryOutcome = { status: 'retry', error: 'The broker does not respond.' }

interface AttemptOptions<Target> {
  readonly store: DeliveryStore<Target>
  readonly send: SendDelivery<Target>
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onDefect: (error: unknown) => void
}

/** Runs the attempt and resolves with the record that was written; undefined when it could not be written before the signal aborted. */
export async function runAttempt<Target>(
  stored: StoredDelivery<Target>,
  { store, send, clock, signal, onDefect }: AttemptOptions<Target>,
): Promise<StoredDelivery<Target> | undefined> {
  const claim = new ExtendedClaim(stored, store, clock)
  const begin = () => claim.begin()
  const outcome = await send(stored.key, stored.delivery, signal, begin).catch((error: unknown): DeliveryOutcome => {
    onDefect(error)
    return { status: 'retry', error: 'An unexpected error occurred.' }
  })
  const endedAt = clock.now()
  let current = await claim.end()
  for (let failures = 0; ;) {
    try {
      const written = await store.replace(current, afterAttempt(stored.delivery, outcome, endedAt))
      if (written) return written
      const changed = await store.read(stored.key)
      // A process that took this one for ended has recorded `unknown`; this one knows better, unless the delivery was sent again since.
      if (
        changed?.delivery.attempts !== stored.delivery.attempts ||
        changed.delivery.resends !== stored.delivery.resends
      )
        return changed
      current = changed
    } catch {
      if (signal.aborted) return undefined
      await sleep(clock, backoffMs(failures++), signal)
    }
  }
}

/** A claim that is extended three times per claim period until `end`. */
class ExtendedClaim<Target> {
  readonly #store: DeliveryStore<Target>
  readonly #clock: Clock
  #stored: StoredDelivery<Target>
  #writing: Promise<unknown> = Promise.resolve()
  #cancel: () => void

  constructor(stored: StoredDelivery<Target>, store: DeliveryStore<Target>, clock: Clock) {
    this.#stored = stored
    this.#store = store
    this.#clock = clock
    this.#cancel = this.#schedule()
  }

  /** Resolves with the record as it was written last. */
  async end(): Promise<StoredDelivery<Target>> {
    this.#cancel()
    await this.#writing
    this.#cancel()
    return this.#stored
  }

  /** Records that the content is handed over; false when it may not be. */
  begin(): Promise<boolean> {
    return this.#write((delivery) => handedOver(delivery, this.#clock.now()))
  }

  #schedule(): () => void {
    return this.#clock.after(CLAIM_MS / 3, () => void this.#extend())
  }

  async #extend(): Promise<void> {
    // When the broker does not respond, the next extension is tried; a lost claim shows when the outcome is written.
    await this.#write((delivery) => {
      const claim = { owner: '', ...delivery.claim, until: this.#clock.now() + CLAIM_MS }
      return { ...delivery, claim }
    })
    this.#cancel = this.#schedule()
  }

  /** Writes the next record after the writes before, as each replaces the one that the last one wrote. Never rejects; false when it was not written. */
  #write(change: (delivery: Delivery<Target>) => Delivery<Target>): Promise<boolean> {
    const writing = this.#writing.then(async () => {
      const written = await this.#store.replace(this.#stored, change(this.#stored.delivery)).catch(() => undefined)
      if (written) this.#stored = written
      return written !== undefined
    })
    this.#writing = writing
    return writing
  }
}
