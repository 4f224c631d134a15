/**
 * Erasing a contact: its rows go, from the projections too, and a key stays behind by which the same events are recognised when they come again.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import { contactHash } from '../../events/identity.ts'
import type { EventRow } from '../../events/event-row.ts'
import type { Store, StoreConnection } from '../connection/store-connection.ts'
import { inlineParameters } from '../connection/sql-literals.ts'
import { waitForMutations } from '../schema/mutations.ts'
import type { TableTopology } from '../schema/table-topology.ts'

/** So old the known erasures may be when a block is checked against them. */
const REFRESH_MS = 5_000
/** Clocks of several machines differ by less. */
const CLOCK_SKEW_MS = 60_000
/** A running service knows of the erasure by then, and what it had begun to store before is there to be deleted. */
const PROPAGATION_MS = REFRESH_MS + 5_000

const LOAD_ERASURES = `
  SELECT tenant_id, toString(contact_hash) AS contact_hash, toUnixTimestamp64Milli(erased_at) AS erased_at
  FROM analytics_erasures WHERE erased_at >= fromUnixTimestamp64Milli({since:Int64})
  SETTINGS log_comment = 'load_erasures', output_format_json_quote_64bit_integers = 0`

interface ErasureRow {
  readonly tenant_id: string
  readonly contact_hash: string
  readonly erased_at: number
}

/** The contacts that were erased, as the writer knows them. */
export class ErasedContacts {
  readonly #connection: StoreConnection
  readonly #clock: Clock
  /** By tenant and the contact's key, until when what happened is erased. */
  readonly #byTenant = new Map<string, Map<string, number>>()
  #newestAt = 0
  #loadedAt = -Infinity

  constructor(connection: StoreConnection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
  }

  /** Learns of erasures made meanwhile, by other processes too. Rejects with a StoreFailure. */
  async refresh(): Promise<void> {
    const startedAt = this.#clock.monotonic()
    if (startedAt - this.#loadedAt < REFRESH_MS) return
    // Where the wall clock was set back, newer erasures are dated before older ones.
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

  isErased({ tenant_id, contact_id, occurred_at }: EventRow): boolean {
    const ofTenant = this.#byTenant.get(tenant_id)
    if (!ofTenant || contact_id === null) return false
    return occurred_at <= (ofTenant.get(contactHash(tenant_id, contact_id)) ?? -Infinity)
  }
}

/** What was erased. */
export interface ErasureReceipt {
  readonly tenantId: string
  readonly contactId: string
  /** What happened up to then is erased, epoch milliseconds. */
  readonly erasedAt: number
  readonly erasedRows: number
  /** Rows that were found afterwards: 0. */
  readonly remainingRows: number
}

const INSERT_ERASURE = `
  INSERT INTO analytics_erasures (tenant_id, contact_hash, erased_at)
  SELECT {tenant:String}, {key:UUID}, fromUnixTimestamp64Milli({at:Int64}) SETTINGS async_insert = 0`
const ROWS_OF_CONTACT =
  'tenant_id = {tenant:String} AND contact_id = {contact:String} AND occurred_at <= fromUnixTimestamp64Milli({at:Int64})'
const COUNT_ROWS = `SELECT toString(count()) AS rows FROM analytics_events WHERE ${ROWS_OF_CONTACT}`
const deleteSql = ({ storageTable, onCluster }: TableTopology) =>
  `ALTER TABLE ${storageTable('analytics_events')}${onCluster} DELETE WHERE ${ROWS_OF_CONTACT}`

/**
 * Erases what happened to a contact up to now. The parts that hold it are written anew, with their projections. Safe to repeat; rejects with a StoreFailure, and is
 * then to be repeated. `isShared` tells whether a service may be storing events meanwhile.
 */
export async function eraseContact(
  { writer }: Store,
  tenantId: string,
  contactId: string,
  {
    database,
    clock,
    isShared: isServiceRunning,
  }: { readonly database: string; readonly clock: Clock; readonly isShared: boolean },
): Promise<ErasureReceipt> {
  const erasedAt = clock.now()
  const parameters = { tenant: tenantId, contact: contactId, at: erasedAt }
  await writer.command(INSERT_ERASURE, { tenant: tenantId, key: contactHash(tenantId, contactId), at: erasedAt })
  if (isServiceRunning) await sleep(clock, PROPAGATION_MS)
  const count = async () => Number((await writer.query<{ rows: string }>(COUNT_ROWS, parameters))[0]!.rows)
  const erasedRows = await count()
  // As text, since a mutation is kept and run later, when its parameters would be gone.
  if (erasedRows > 0) await writer.command(inlineParameters(deleteSql(writer.topology), parameters))
  await waitForMutations(writer, { database, commands: 'DELETE', clock })
  return { tenantId, contactId, erasedAt, erasedRows, remainingRows: await count() }
}
