/**
 * The audit ledger: of every delivery it is known what became of it. Delivered = stored + duplicate + dead + delayed + passed + ignored + what is still held, per tenant, at
 * every instant; what is held is counted where it lies, not calculated, so that an event that got lost inside shows as a difference.
 */
import type { PendingDelivery } from './ack-floor.ts'
import type { Delivery } from '../ports.ts'

/**
 * What became of a delivery. `delayed` = put away for later, because its tenant is over its quota; `passed` = passed on to the process that stores its tenant's events;
 * `ignored` = of a subject nobody listens to.
 */
export type Outcome = 'stored' | 'duplicate' | 'dead' | 'delayed' | 'passed' | 'ignored'

export const OUTCOMES: readonly Outcome[] = ['stored', 'duplicate', 'dead', 'delayed', 'passed', 'ignored']

/** One tenant's side of the ledger. */
export interface LedgerAccount extends Record<Outcome, number> {
  /** Empty for messages whose tenant nobody can tell. */
  readonly tenantId: string
  delivered: number
}

/** A delivery that was taken over, with what is owed for it: a settled ticket and an outcome in the account. */
export interface InFlightDelivery {
  readonly delivery: Delivery
  readonly pending: PendingDelivery
  readonly account: LedgerAccount
}

/** Visits what a station holds: so many deliveries of an account. */
export type InFlightVisitor = (account: LedgerAccount, count: number) => void

export interface Reconciliation {
  /** The sums over all tenants, those released included. */
  readonly totals: Readonly<LedgerAccount>
  readonly held: number
  readonly tenantCount: number
  /** Accounts that do not add up, with how many deliveries are missing (negative: too many outcomes). */
  readonly unbalanced: readonly { readonly tenantId: string; readonly missing: number }[]
}

const emptyAccount = (tenantId: string): LedgerAccount => ({
  tenantId,
  delivered: 0,
  stored: 0,
  duplicate: 0,
  dead: 0,
  delayed: 0,
  passed: 0,
  ignored: 0,
})

/** Whenever so many tenants have come, those that were quiet since the last time are released: not each of them has an actor that says when it goes home. */
const SWEEP_THRESHOLD = 10_000

export class Ledger {
  /** For messages whose tenant is not known: no envelope, or a subject nobody listens to. */
  readonly unattributed = emptyAccount('')
  readonly #accounts = new Map<string, LedgerAccount>()
  readonly #onReleased: (tenantId: string) => void
  /** Tenants with deliveries since the last look for quiet ones. */
  #recentTenants = new Set<string>()
  #sweepThreshold = SWEEP_THRESHOLD
  /** What the accounts that were released had come to. */
  readonly #releasedTotals = emptyAccount('')

  /** `onReleased` is told which tenants are forgotten. */
  constructor(onReleased: (tenantId: string) => void = () => {}) {
    this.#onReleased = onReleased
  }

  /** The account of a tenant, to be asked for with each of its deliveries. */
  accountOf(tenantId: string): LedgerAccount {
    let account = this.#accounts.get(tenantId)
    if (!account) {
      if (this.#accounts.size >= this.#sweepThreshold) this.#releaseIdle()
      this.#accounts.set(tenantId, (account = emptyAccount(tenantId)))
    }
    // Few accounts are never looked through.
    if (this.#accounts.size >= SWEEP_THRESHOLD / 2) this.#recentTenants.add(tenantId)
    return account
  }

  /** Keeps the sums of a tenant that has gone quiet and forgets the rest, so that any number of tenants fit. One that does not add up, or not yet, stays: false. */
  release(tenantId: string): boolean {
    const account = this.#accounts.get(tenantId)
    if (!account) return true
    if (account.delivered !== settledCount(account)) return false
    addTo(this.#releasedTotals, account)
    this.#accounts.delete(tenantId)
    this.#onReleased(tenantId)
    return true
  }

  #releaseIdle(): void {
    for (const tenantId of this.#accounts.keys()) if (!this.#recentTenants.has(tenantId)) this.release(tenantId)
    this.#recentTenants = new Set()
    this.#sweepThreshold = this.#accounts.size + SWEEP_THRESHOLD
  }

  /** `forEachHeld` tells what lies where at this instant. */
  reconcile(forEachInFlight: (visit: InFlightVisitor) => void): Reconciliation {
    const inFlightByAccount = new Map<LedgerAccount, number>()
    let held = 0
    forEachInFlight((account, count) => {
      inFlightByAccount.set(account, (inFlightByAccount.get(account) ?? 0) + count)
      held += count
    })
    const totals = emptyAccount('')
    addTo(totals, this.#releasedTotals)
    const unbalanced: { tenantId: string; missing: number }[] = []
    for (const account of [this.unattributed, ...this.#accounts.values()]) {
      addTo(totals, account)
      const missing = account.delivered - settledCount(account) - (inFlightByAccount.get(account) ?? 0)
      if (missing !== 0) unbalanced.push({ tenantId: account.tenantId, missing })
    }
    return { totals, held, tenantCount: this.#accounts.size, unbalanced }
  }

  /** The accounts with most deliveries. */
  busiest(count: number): readonly Readonly<LedgerAccount>[] {
    if (count === 0) return []
    return [...this.#accounts.values()].sort((a, b) => b.delivered - a.delivered).slice(0, count)
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
