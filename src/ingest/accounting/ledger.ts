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

/** The counts of one tenant. */
export interface LedgerAccount extends Record<Outcome, number> {
  /** Empty for messages whose tenant is unknown. */
  readonly tenantId: string
  delivered: number
  /** Of the buffer: its events since this flush, until the next one is due. */
  bufferedCount: number
  countedFlush: object | undefined
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
  readonly totals: Readonly<LedgerAccount>
  readonly inFlight: number
  readonly tenantCount: number
  /** Tenants whose account is unbalanced, with the number of missing deliveries (negative: too many outcomes). */
  readonly unbalanced: readonly { readonly tenantId: string; readonly missing: number }[]
}

const NO_OUTCOMES = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Readonly<Record<Outcome, number>>

const emptyAccount = (tenantId: string): LedgerAccount => ({
  tenantId,
  delivered: 0,
  bufferedCount: 0,
  countedFlush: undefined,
  ...NO_OUTCOMES,
})

/** Each time this many tenants were added, those without deliveries since the last sweep are released: a tenant whose events are all rejected has no actor that would release its account. */
const SWEEP_THRESHOLD = 10_000

interface TrackedAccount {
  readonly account: LedgerAccount
  /** Whether it had deliveries since the last sweep. */
  isRecent: boolean
}

export class Ledger {
  /** For messages whose tenant is unknown: no envelope, or a subject that is not in the catalogue. */
  readonly unattributed = emptyAccount('')
  readonly #accounts = new Map<string, TrackedAccount>()
  readonly #onReleased: (tenantId: string) => void
  #sweepThreshold = SWEEP_THRESHOLD
  /** The sums of the released accounts. */
  readonly #releasedTotals = emptyAccount('')

  /** `onReleased` is called for each tenant whose account is released. */
  constructor(onReleased: (tenantId: string) => void = () => {}) {
    this.#onReleased = onReleased
  }

  /** The account of a tenant. Called for each delivery: it marks the tenant as active. */
  accountOf(tenantId: string): LedgerAccount {
    let tracked = this.#accounts.get(tenantId)
    if (!tracked) {
      if (this.#accounts.size >= this.#sweepThreshold) this.#releaseIdle()
      this.#accounts.set(tenantId, (tracked = { account: emptyAccount(tenantId), isRecent: true }))
    }
    tracked.isRecent = true
    return tracked.account
  }

  /** Adds the account of an idle tenant to the released sums and removes it, so that memory does not grow with the number of tenants. Returns false when it is unbalanced or has deliveries in flight: then it stays. */
  release(tenantId: string): boolean {
    const account = this.#accounts.get(tenantId)?.account
    if (!account) return true
    if (account.delivered !== settledCount(account)) return false
    addTo(this.#releasedTotals, account)
    this.#accounts.delete(tenantId)
    this.#onReleased(tenantId)
    return true
  }

  *#accountsOfTenants(): Generator<LedgerAccount> {
    for (const { account } of this.#accounts.values()) yield account
  }

  #releaseIdle(): void {
    for (const [tenantId, tracked] of this.#accounts)
      if (tracked.isRecent) tracked.isRecent = false
      else this.release(tenantId)
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
    const totals = emptyAccount('')
    addTo(totals, this.#releasedTotals)
    const unbalanced: { tenantId: string; missing: number }[] = []
    for (const account of [this.unattributed, ...this.#accountsOfTenants()]) {
      addTo(totals, account)
      const missing = account.delivered - settledCount(account) - (inFlightByAccount.get(account) ?? 0)
      if (missing !== 0) unbalanced.push({ tenantId: account.tenantId, missing })
    }
    return { totals, inFlight, tenantCount: this.#accounts.size, unbalanced }
  }

  /** The accounts with most deliveries. */
  busiest(count: number): readonly Readonly<LedgerAccount>[] {
    if (count === 0) return []
    return [...this.#accountsOfTenants()].sort((a, b) => b.delivered - a.delivered).slice(0, count)
  }
}

function settledCount(account: LedgerAccount): number {
  let sum = 0
  for (const outcome of OUTCOMES) sum += account[outcome]
  return sum
}

function addTo(sum: LedgerAccount, account: LedgerAccount): void {
  sum.delivered += account.delivered
  for (const outcome of OUTCOMES) sum[outcome] += account[outcome]
}
