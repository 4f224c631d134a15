/**
 * The delivery ledger: the outcome of every delivery. Per tenant and at every instant, delivered = the sum of all outcomes + deliveries in flight. The deliveries in flight
 * are counted in the stages, not calculated, so that a lost event shows as a difference.
 */
import type { PendingDelivery } from './ack-floor.ts'
import type { Delivery } from '../ports.ts'

/**
 * The outcomes of a delivery. `deferred` = kept for later, as the tenant is over its quota; `forwarded` = sent to the process that stores the events of the tenant;
 * `ignored` = the subject is not in the catalogue of events.
 */
export const OUTCOMES = ['stored', 'duplicate', 'dead_lettered', 'deferred', 'forwarded', 'ignored'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface LedgerCounts extends Record<Outcome, number> {
  delivered: number
}

/**
 * The counts of one tenant, and what the stages keep per tenant: each event has its account at hand, while a map per stage would take a look-up per event, and with many
 * tenants several cache misses each.
 */
export class LedgerAccount implements LedgerCounts {
  /** Empty for messages whose tenant is unknown. */
  readonly tenantId: string
  delivered = 0
  stored = 0
  duplicate = 0
  dead_lettered = 0
  deferred = 0
  forwarded = 0
  ignored = 0
  /** Of the ledger: whether it had deliveries since the last sweep, and whether it was released; then the next event of the tenant needs a new account. */
  isRecent = true
  isReleased = false
  /** Of the supervisor: the actor of the tenant, if it has one. */
  actor: object | undefined
  /** Of the buffer: its events since this flush, until the next one is due. */
  bufferedCount = 0
  countedFlush: object | undefined
  /** Of the circuit breaker: the events of the current window, and those of them that were rejected. */
  windowEvents = 0
  windowRejected = 0
  isBreakerOpen = false

  constructor(tenantId: string) {
    this.tenantId = tenantId
  }
}

/** What settling a delivery changes: `pending` at the acknowledgement floor, `account` with an outcome. */
export interface SettledDelivery {
  readonly pending: PendingDelivery
  readonly account: LedgerAccount
}

/** A delivery that was taken over and has to be settled. */
export interface InFlightDelivery extends SettledDelivery {
  readonly delivery: Delivery
}

/** Visits the deliveries in flight of a stage: an account and the number of its deliveries. */
export type InFlightVisitor = (account: LedgerAccount, count: number) => void

export interface Reconciliation {
  /** The sums over all tenants, including the released ones. */
  readonly totals: Readonly<LedgerCounts>
  readonly inFlight: number
  readonly tenantCount: number
  /** Tenants whose account is unbalanced, with the number of missing deliveries (negative: too many outcomes). */
  readonly unbalanced: readonly { readonly tenantId: string; readonly missing: number }[]
}

/** Each time this many tenants were added, those without deliveries since the last sweep are released: a tenant whose events are all rejected has no actor that would release its account. */
const SWEEP_THRESHOLD = 10_000

export class Ledger {
  /** For messages whose tenant is unknown: no envelope, or a subject that is not in the catalogue. */
  readonly unattributed = new LedgerAccount('')
  readonly #accounts = new Map<string, LedgerAccount>()
  readonly #onReleased: (account: LedgerAccount) => void
  #sweepThreshold = SWEEP_THRESHOLD
  /** The sums of the released accounts. */
  readonly #releasedTotals = new LedgerAccount('')

  /** `onReleased` is called for each account that is released. */
  constructor(onReleased: (account: LedgerAccount) => void = () => {}) {
    this.#onReleased = onReleased
  }

  /** The account of a tenant, which is marked as active; undefined = the tenant is unknown. */
  accountOf(tenantId: string | undefined): LedgerAccount {
    if (tenantId === undefined) return this.unattributed
    let account = this.#accounts.get(tenantId)
    if (!account) {
      if (this.#accounts.size >= this.#sweepThreshold) this.#releaseIdle()
      this.#accounts.set(tenantId, (account = new LedgerAccount(tenantId)))
    }
    account.isRecent = true
    return account
  }

  /** Adds the account of an idle tenant to the released sums and removes it, so that memory does not grow with the number of tenants. Returns false when it is unbalanced or has deliveries in flight: then it stays. */
  release(account: LedgerAccount): boolean {
    if (account.isReleased) return true
    if (account.delivered !== settledCount(account)) return false
    addTo(this.#releasedTotals, account)
    account.isReleased = true
    this.#accounts.delete(account.tenantId)
    this.#onReleased(account)
    return true
  }

  #releaseIdle(): void {
    for (const account of this.#accounts.values())
      if (account.isRecent) account.isRecent = false
      else if (!account.actor) this.release(account)
    this.#sweepThreshold = this.#accounts.size + SWEEP_THRESHOLD
  }

  /** Compares the accounts with the deliveries in flight that `forEachInFlight` visits at this instant. */
  reconcile(forEachInFlight: (visit: InFlightVisitor) => void): Reconciliation {
    const inFlightByAccount = new Map<LedgerAccount, number>()
    let inFlight = 0
    forEachInFlight((account, count) => {
      inFlightByAccount.set(account, (inFlightByAccount.get(account) ?? 0) + count)
      inFlight += count
    })
    const totals = new LedgerAccount('')
    addTo(totals, this.#releasedTotals)
    const unbalanced: { tenantId: string; missing: number }[] = []
    for (const account of [this.unattributed, ...this.#accounts.values()]) {
      addTo(totals, account)
      const missing = account.delivered - settledCount(account) - (inFlightByAccount.get(account) ?? 0)
      if (missing !== 0) unbalanced.push({ tenantId: account.tenantId, missing })
    }
    return { totals, inFlight, tenantCount: this.#accounts.size, unbalanced }
  }

  /** The accounts with most deliveries. */
  busiest(count: number): readonly Readonly<LedgerAccount>[] {
    if (count === 0) return []
    return [...this.#accounts.values()].sort((a, b) => b.delivered - a.delivered).slice(0, count)
  }
}

function settledCount({ stored, duplicate, dead_lettered, deferred, forwarded, ignored }: LedgerCounts): number {
  return stored + duplicate + dead_lettered + deferred + forwarded + ignored
}

function addTo(sum: LedgerCounts, account: LedgerCounts): void {
  sum.delivered += account.delivered
  sum.stored += account.stored
  sum.duplicate += account.duplicate
  sum.dead_lettered += account.dead_lettered
  sum.deferred += account.deferred
  sum.forwarded += account.forwarded
  sum.ignored += account.ignored
}
