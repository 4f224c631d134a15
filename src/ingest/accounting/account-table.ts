import { ByteInterner } from '../../events/block/byte-interner.ts'
import type { Ledger, LedgerAccount } from './ledger.ts'

/** A full table is emptied: an account that is not in the table is only asked for once more. */
const MAX_TENANTS = 20_000

/** An event that was scanned: it numbers its tenant by the bytes of its message. */
export interface ScannedTenant {
  /** The number of the tenant's id in `tenantIds`. */
  tenantIn(tenantIds: ByteInterner): number
}

/** Finds the accounts of scanned events by the bytes of their tenants' ids: a string per event, and its hash, would cost more than the look-up. */
export class AccountTable {
  readonly #ledger: Pick<Ledger, 'accountOf'>
  readonly #tenantIds = new ByteInterner()
  /** By the tenant's number. */
  readonly #accounts: LedgerAccount[] = []

  constructor(ledger: Pick<Ledger, 'accountOf'>) {
    this.#ledger = ledger
  }

  /** The account of the event's tenant, which is marked as active. */
  accountOf(scanned: ScannedTenant): LedgerAccount {
    const number = scanned.tenantIn(this.#tenantIds)
    const known = this.#accounts[number]
    if (known && !known.isReleased) {
      known.isRecent = true
      return known
    }
    const account = this.#ledger.accountOf(this.#tenantIds.text(number))
    if (number < MAX_TENANTS) this.#accounts[number] = account
    else this.#clear()
    return account
  }

  #clear(): void {
    this.#tenantIds.clear()
    this.#accounts.length = 0
  }
}
