/**
 * The audit ledger: of every delivery it is known what became of it. Delivered = stored + duplicate + dead + delayed + passed + ignored + what is still held, per tenant, at
 * every instant; what is held is counted where it lies, not calculated, so that an event that got lost inside shows as a difference.
 */
import type { Ticket } from './ack-floor.ts'
import type { Delivery } from './ports.ts'

/**
 * What became of a delivery. `delayed` = put away for later, because its tenant is over its quota; `passed` = passed on to the process that stores its tenant's events;
 * `ignored` = of a subject nobody listens to.
 */
export type Outcome = 'stored' | 'duplicate' | 'dead' | 'delayed' | 'passed' | 'ignored'

export const OUTCOMES: readonly Outcome[] = ['stored', 'duplicate', 'dead', 'delayed', 'passed', 'ignored']

/** One tenant's side of the ledger. */
export interface Account extends Record<Outcome, number> {
  /** Empty for messages whose tenant nobody can tell. */
  readonly tenantId: string
  delivered: number
}

/** A delivery that was taken over, with what is owed for it: a settled ticket and an outcome in the account. */
export interface HeldDelivery {
  readonly delivery: Delivery
  readonly ticket: Ticket
  readonly account: Account
}

/** Visits what a station holds: so many deliveries of an account. */
export type HeldVisitor = (account: Account, count: number) => void

export interface Audit {
  /** The sums over all tenants, those released included. */
  readonly totals: Readonly<Account>
  readonly held: number
  readonly tenantCount: number
  /** Accounts that do not add up, with how many deliveries are missing (negative: too many outcomes). */
  readonly unbalanced: readonly { readonly tenantId: string; readonly missing: number }[]
}

const emptyAccount = (tenantId: string): Account => ({
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
const CROWD = 10_000

export class Ledger {
  /** For messages whose tenant is not known: no envelope, or a subject nobody listens to. */
  readonly unattributed = emptyAccount('')
  readonly #accounts = new Map<string, Account>()
  readonly #onReleased: (tenantId: string) => void
  /** Tenants with deliveries since the last look for quiet ones. */
  #recent = new Set<string>()
  #crowdAt = CROWD
  /** What the accounts that were released had come to. */
  readonly #released = emptyAccount('')

  /** `onReleased` is told which tenants are forgotten. */
  constructor(onReleased: (tenantId: string) => void = () => {}) {
    this.#onReleased = onReleased
  }

  /** The account of a tenant, to be asked for with each of its deliveries. */
  account(tenantId: string): Account {
    let account = this.#accounts.get(tenantId)
    if (!account) {
      if (this.#accounts.size >= this.#crowdAt) this.#releaseQuiet()
      this.#accounts.set(tenantId, (account = emptyAccount(tenantId)))
    }
    // Few accounts are never looked through.
    if (this.#accounts.size >= CROWD / 2) this.#recent.add(tenantId)
    return account
  }

  /** Keeps the sums of a tenant that has gone quiet and forgets the rest, so that any number of tenants fit. One that does not add up, or not yet, stays: false. */
  release(tenantId: string): boolean {
    const account = this.#accounts.get(tenantId)
    if (!account) return true
    if (account.delivered !== settledOf(account)) return false
    addTo(this.#released, account)
    this.#accounts.delete(tenantId)
    this.#onReleased(tenantId)
    return true
  }

  #releaseQuiet(): void {
    for (const tenantId of this.#accounts.keys()) if (!this.#recent.has(tenantId)) this.release(tenantId)
    this.#recent = new Set()
    this.#crowdAt = this.#accounts.size + CROWD
  }

  /** `forEachHeld` tells what lies where at this instant. */
  audit(forEachHeld: (visit: HeldVisitor) => void): Audit {
    const heldOf = new Map<Account, number>()
    let held = 0
    forEachHeld((account, count) => {
      heldOf.set(account, (heldOf.get(account) ?? 0) + count)
      held += count
    })
    const totals = emptyAccount('')
    addTo(totals, this.#released)
    const unbalanced: { tenantId: string; missing: number }[] = []
    for (const account of [this.unattributed, ...this.#accounts.values()]) {
      addTo(totals, account)
      const missing = account.delivered - settledOf(account) - (heldOf.get(account) ?? 0)
      if (missing !== 0) unbalanced.push({ tenantId: account.tenantId, missing })
    }
    return { totals, held, tenantCount: this.#accounts.size, unbalanced }
  }

  /** The accounts with most deliveries. */
  busiest(count: number): readonly Readonly<Account>[] {
    if (count === 0) return []
    return [...this.#accounts.values()].sort((a, b) => b.delivered - a.delivered).slice(0, count)
  }
}

function settledOf(account: Account): number {
  let sum = 0
  for (const outcome of OUTCOMES) sum += account[outcome]
  return sum
}

function addTo(sum: Account, account: Account): void {
  sum.delivered += account.delivered
  for (const outcome of OUTCOMES) sum[outcome] += account[outcome]
}
