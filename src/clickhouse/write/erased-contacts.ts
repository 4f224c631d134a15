import type { Clock } from '../../base/clock.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
import type { EventRow } from '../../events/event-row.ts'
import { contactHash } from '../../events/identity.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'

/** The maximum age of the known erasures when a block is compared with them. */
export const ERASURE_REFRESH_MS = 5_000
/** The maximum difference between the clocks of several machines. */
const CLOCK_SKEW_MS = 60_000

const LOAD_ERASURES = named(
  'load_erasures',
  `
  SELECT tenant_id, toString(contact_hash) AS contact_hash, toUnixTimestamp64Milli(erased_at) AS erased_at
  FROM analytics_erasures WHERE erased_at >= fromUnixTimestamp64Milli({since:Int64})`,
  UNQUOTED_INTEGERS,
)

interface ErasureRow {
  readonly tenant_id: string
  readonly contact_hash: string
  readonly erased_at: number
}

type ErasableRow = Pick<EventRow, 'tenant_id' | 'contact_id' | 'occurred_at'>

/** The erased contacts, so that their events are not stored again. */
export class ErasedContacts {
  readonly #connection: StoreConnection
  readonly #clock: Clock
  /** The time of the erasure, by tenant and hash of the contact. */
  readonly #byTenant = new Map<string, Map<string, number>>()
  #newestAt = 0
  #loadedAt = -Infinity

  constructor(connection: StoreConnection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  /** Loads new erasures, including those of other processes, unless it did so less than `maxAgeMs` ago. Rejects with a StoreFailure. */
  async refresh(maxAgeMs = ERASURE_REFRESH_MS): Promise<void> {
    const startedAt = this.#clock.monotonic()
    if (startedAt - this.#loadedAt < maxAgeMs) return
    // After the wall clock was set back, a newer erasure may have an earlier time.
    const since = Math.max(0, Math.min(this.#newestAt, this.#clock.now()) - CLOCK_SKEW_MS)
    for (const { tenant_id, contact_hash, erased_at } of await this.#connection.query<ErasureRow>(LOAD_ERASURES, {
      since,
    })) {
      let ofTenant = this.#byTenant.get(tenant_id)
      if (!ofTenant) this.#byTenant.set(tenant_id, (ofTenant = new Map()))
      ofTenant.set(contact_hash, Math.max(erased_at, ofTenant.get(contact_hash) ?? 0))
      this.#newestAt = Math.max(this.#newestAt, erased_at)
    }
    this.#loadedAt = startedAt
  }

  /** Whether the event occurred before the erasure of its contact. */
  isErased({ tenant_id, contact_id, occurred_at }: ErasableRow): boolean {
    const ofTenant = this.#byTenant.get(tenant_id)
    if (ofTenant === undefined || contact_id === null) return false
    return occurred_at <= (ofTenant.get(contactHash(tenant_id, contact_id)) ?? -Infinity)
  }

  /** Marks the rows whose events occurred before the erasures of their contacts: sets 1 at the position of the row in `rows`. */
  markErased({ columns }: EventBlock, rows: RowIndexes, flags: Uint8Array): void {
    if (this.#byTenant.size === 0) return
    const { tenant_id, contact_id, occurred_at } = columns
    const erasures = Array.from({ length: tenant_id.symbols.size }, (_, symbol) =>
      this.#byTenant.get(tenant_id.symbols.text(symbol)),
    )
    if (erasures.every((ofTenant) => ofTenant === undefined)) return
    for (const [index, row] of rows.entries()) {
      const tenant = tenant_id.indexes[row]!
      const ofTenant = erasures[tenant]
      if (!ofTenant || contact_id.isNull(row)) continue
      const hash = contactHash(tenant_id.symbols.text(tenant), contact_id.read(row)!)
      if (occurred_at.values[row]! <= (ofTenant.get(hash) ?? -Infinity)) flags[index] = 1
    }
  }

  /** Those of the rows whose events did not occur before the erasures of their contacts. */
  withoutErased(events: EventBlock, rows: RowIndexes): RowIndexes {
    const flags = new Uint8Array(rows.length)
    this.markErased(events, rows, flags)
    return rows.filter((_, position) => flags[position] === 0)
  }
}
