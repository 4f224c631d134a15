/**
 * A delivery: one notification to one target, from its record before sending to its final status. The functions compute the next record; a `DeliveryStore` decides which process
 * may write it.
 */

export const DELIVERY_STATUSES = [
  'pending',
  'sending',
  'retrying',
  'sent',
  'failed',
  'unknown',
  'missed',
  'skipped',
] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** Identifies a delivery. The parts may hold any text without control characters. */
export interface DeliveryKey {
  readonly tenantId: string
  /** What it belongs to: the id of a schedule or an alert rule. */
  readonly sourceId: string
  /** Unique within the source. Ids of later deliveries sort after those of earlier ones. */
  readonly id: string
}

/** The record of a delivery. Instants are epoch milliseconds. */
export interface Delivery<Target> {
  /** What is sent, and to whom. */
  readonly target: Target
  readonly status: DeliveryStatus
  /** The number of attempts that have begun, since it was requested last to send it again. */
  readonly attempts: number
  /** How often it was requested to send it again. */
  readonly resends: number
  /** How often it was sent before that request: each sending has an identity of its own, and so do all attempts that ended otherwise together. */
  readonly sendings: number
  /** An attempt that was not begun by then is not made. */
  readonly startBy: number
  /** Defined while the status is `retrying`. */
  readonly nextAttemptAt?: number
  /** Why the last attempt failed, or why there was none. It may name the target, so it is not for the log. */
  readonly error?: string
  /** The receiving side refused it for good. */
  readonly isPermanent?: boolean
  /** Defined while the status is `sending`. */
  readonly claim?: DeliveryClaim
}

/** The right to send, until an instant that its owner moves forward while it sends. */
export interface DeliveryClaim {
  readonly owner: string
  readonly until: number
  /** Nothing was handed over to the receiving side yet: when the owner ends, another process may begin. */
  readonly isPreparing?: true
}

/**
 * The result of an attempt:
 * - `sent`: the receiving side took responsibility
 * - `retry`: it certainly did not, and a later attempt may succeed
 * - `failed`: it certainly did not, and no attempt will help; `isPermanent` says that the receiving side refused it
 * - `unknown`: it may have; the delivery is not repeated
 * - `skipped`: there was nothing to send, or nobody to send it to any more
 */
export type DeliveryOutcome =
  | { readonly status: 'sent' }
  | { readonly status: 'failed'; readonly error: string; readonly isPermanent?: boolean }
  | { readonly status: 'retry' | 'unknown' | 'skipped'; readonly error: string }

const MINUTE_MS = 60_000
/** The delays before the second and each later attempt, counted from the failure. */
const RETRY_DELAYS_MS = [1, 5, 30, 120].map((minutes) => minutes * MINUTE_MS)
/** A retry whose time passed while no process ran is made within this time, then no more. */
const RETRY_EXPIRY_MS = 6 * 60 * MINUTE_MS
/** A claim that its owner has not extended for this time is abandoned: its process ended while it sent. */
export const CLAIM_MS = 30_000

export function pendingDelivery<Target>(target: Target, startBy: number): Delivery<Target> {
  return { target, status: 'pending', attempts: 0, resends: 0, sendings: 0, startBy }
}

export function missedDelivery<Target>(target: Target, startBy: number): Delivery<Target> {
  return { ...pendingDelivery(target, startBy), status: 'missed', error: 'No process ran at that time.' }
}

/** Whether nothing happens to the delivery any more unless somebody requests it. */
export function isSettled({ status }: Pick<Delivery<unknown>, 'status'>): boolean {
  return status !== 'pending' && status !== 'sending' && status !== 'retrying'
}

/** What is to be done with a delivery that this process has not claimed. */
export type NextStep<Target> =
  | { readonly kind: 'claim' }
  | { readonly kind: 'wait'; readonly until: number }
  /** The record has to become this one: the delivery has expired, or its sender has ended. */
  | { readonly kind: 'settle'; readonly delivery: Delivery<Target> }
  | { readonly kind: 'none' }

export function nextStep<Target>(delivery: Delivery<Target>, now: number): NextStep<Target> {
  const { status, startBy, nextAttemptAt = 0, claim } = delivery
  if (isSettled(delivery)) return { kind: 'none' }
  if (status === 'pending')
    return now <= startBy
      ? { kind: 'claim' }
      : { kind: 'settle', delivery: settled(delivery, 'missed', 'No process ran at that time.') }
  if (status === 'sending') {
    if (claim && now < claim.until) return { kind: 'wait', until: claim.until }
    if (claim?.isPreparing) return nextStepOfPrepared(delivery, now - claim.until)
    const error = 'The process that sent it ended before the outcome was known.'
    return { kind: 'settle', delivery: settled(delivery, 'unknown', error) }
  }
  if (now < nextAttemptAt) return { kind: 'wait', until: nextAttemptAt }
  if (now <= nextAttemptAt + RETRY_EXPIRY_MS) return { kind: 'claim' }
  return {
    kind: 'settle',
    delivery: settled(delivery, 'failed', `${delivery.error} No process ran at the next attempt.`),
  }
}

/** The sender ended before it handed anything over. That is a known failure, and what ended the process may be the content: there are as many attempts as of others. */
function nextStepOfPrepared<Target>(delivery: Delivery<Target>, latenessMs: number): NextStep<Target> {
  if (delivery.attempts <= RETRY_DELAYS_MS.length && latenessMs <= RETRY_EXPIRY_MS) return { kind: 'claim' }
  const error = 'The process that was to send it ended before it could.'
  return { kind: 'settle', delivery: settled(delivery, 'failed', error) }
}

/** The record of a delivery whose content is being made, before it is sent. */
export function claimed<Target>(delivery: Delivery<Target>, owner: string, now: number): Delivery<Target> {
  const { nextAttemptAt: _, ...rest } = delivery
  return {
    ...rest,
    status: 'sending',
    attempts: delivery.attempts + 1,
    claim: { owner, until: now + CLAIM_MS, isPreparing: true },
  }
}

/** The record of a claimed delivery from when the receiving side may take it. */
export function handedOver<Target>(delivery: Delivery<Target>, now: number): Delivery<Target> {
  return { ...delivery, claim: { owner: delivery.claim?.owner ?? '', until: now + CLAIM_MS } }
}

/** The record of a settled delivery that is sent again on request: it is claimed at once. */
export function reopened<Target>(delivery: Delivery<Target>, owner: string, now: number): Delivery<Target> {
  const resends = delivery.resends + 1
  const sendings = delivery.sendings + (delivery.status === 'sent' ? 1 : 0)
  return claimed({ ...pendingDelivery(delivery.target, now), resends, sendings }, owner, now)
}

/** The record after an attempt that ended at `now`. */
export function afterAttempt<Target>(
  delivery: Delivery<Target>,
  outcome: DeliveryOutcome,
  now: number,
): Delivery<Target> {
  if (outcome.status === 'sent') return settled(delivery, 'sent')
  if (outcome.status === 'failed') return settled(delivery, 'failed', outcome.error, outcome.isPermanent)
  if (outcome.status !== 'retry') return settled(delivery, outcome.status, outcome.error)
  const delay = RETRY_DELAYS_MS[delivery.attempts - 1]
  if (delay === undefined) return settled(delivery, 'failed', outcome.error)
  return { ...settled(delivery, 'retrying', outcome.error), nextAttemptAt: now + delay }
}

function settled<Target>(
  delivery: Delivery<Target>,
  status: DeliveryStatus,
  error?: string,
  isPermanent?: boolean,
): Delivery<Target> {
  const { target, attempts, resends, sendings, startBy } = delivery
  return {
    ...{ target, status, attempts, resends, sendings, startBy },
    ...(error === undefined ? {} : { error }),
    ...(isPermanent ? { isPermanent } : {}),
  }
}
