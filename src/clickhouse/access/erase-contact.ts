/**
 * Erases a contact: deletes its rows, with their share of the projections, and stores a hash of its id, so that repeated events of the contact are not stored again. The facts
 * of their messages are calculated again from the events that remain.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import { contactHash } from '../../events/identity.ts'
import { named } from '../connection/named-statement.ts'
import { inlineParameters } from '../connection/sql-literals.ts'
import type { Store, StoreConnection } from '../connection/store-connection.ts'
import type { TableTopology } from '../connection/table-topology.ts'
import { countPendingRecalculations, requestRecalculation } from '../facts/recalculations.ts'
import { waitForMutations } from '../schema/mutations.ts'
import { ERASURE_REFRESH_MS } from '../write/erased-contacts.ts'

/** After this time a running service has loaded the erasure, and the rows that it was storing before are visible to the deletion. */
const PROPAGATION_MS = ERASURE_REFRESH_MS + 5_000

/** A service looks for requested recalculations every 5 seconds. */
const RECALCULATION_LIMIT_MS = 60_000
const POLL_MS = 500

/** The result of an erasure. */
export interface ErasureReceipt {
  readonly tenantId: string
  readonly contactId: string
  /** Events up to this instant are erased, epoch milliseconds. */
  readonly erasedAt: number
  readonly erasedRows: number
  /** The rows that a count found afterwards; 0 after a complete erasure. */
  readonly remainingRows: number
  /** The messages of the tenant whose facts were not calculated again yet; 0 after a complete erasure. */
  readonly remainingMessages: number
}

export interface ErasureOptions {
  readonly database: string
  readonly clock: Clock
  /** Whether a service may store events at the same time. */
  readonly isServiceRunning: boolean
  /** Calculates the facts of messages again; by default the erasure waits until a service does it. */
  readonly recalculateMessages?: (() => Promise<void>) | undefined
}

const INSERT_ERASURE = named(
  'insert_erasure',
  `
  INSERT INTO analytics_erasures (tenant_id, contact_hash, erased_at)
  SELECT {tenant:String}, {hash:UUID}, fromUnixTimestamp64Milli({at:Int64})`,
  'async_insert = 0',
)
const ROWS_OF_CONTACT =
  'tenant_id = {tenant:String} AND contact_id = {contact:String} AND occurred_at <= fromUnixTimestamp64Milli({at:Int64})'
const COUNT_ROWS = named(
  'count_rows_of_contact',
  `SELECT toString(count()) AS rows FROM analytics_events WHERE ${ROWS_OF_CONTACT}`,
)
const deleteSql = ({ storageTable, onCluster }: TableTopology) =>
  `ALTER TABLE ${storageTable('analytics_events')}${onCluster} DELETE WHERE ${ROWS_OF_CONTACT}`

/**
 * Erases the events of a contact up to now by rewriting the parts that contain them. It can be repeated, and has to be repeated when it rejects with a StoreFailure. Whatever
 * it was stopped by: once the events are deleted, the facts of their messages are calculated again, at the latest when a service runs.
 */
export async function eraseContact(
  { writer }: Store,
  tenantId: string,
  contactId: string,
  { database, clock, isServiceRunning, recalculateMessages }: ErasureOptions,
): Promise<ErasureReceipt> {
  const erasedAt = clock.now()
  const parameters = { tenant: tenantId, contact: contactId, at: erasedAt }
  await writer.command(INSERT_ERASURE, { tenant: tenantId, hash: contactHash(tenantId, contactId), at: erasedAt })
  if (isServiceRunning) await sleep(clock, PROPAGATION_MS)
  // Before the deletion, which would leave nothing to find the messages by.
  await requestRecalculation(writer, tenantId, contactId, erasedAt)
  const count = async () => Number((await writer.query<{ rows: string }>(COUNT_ROWS, parameters))[0]!.rows)
  const erasedRows = await count()
  // With literals, since the engine runs a mutation later, without its parameters.
  if (erasedRows > 0) await writer.command(inlineParameters(deleteSql(writer.topology), parameters))
  await waitForMutations(writer, { database, commands: 'DELETE', clock })
  await recalculateMessages?.()
  const remainingMessages = await waitForRecalculation(writer, tenantId, clock)
  return { tenantId, contactId, erasedAt, erasedRows, remainingRows: await count(), remainingMessages }
}

/** Waits until a service has calculated the facts of the tenant's messages again. Returns the number of messages that are left after the time limit. */
async function waitForRecalculation(connection: StoreConnection, tenantId: string, clock: Clock): Promise<number> {
  const startedAt = clock.monotonic()
  for (;;) {
    const remaining = await countPendingRecalculations(connection, tenantId)
    if (remaining === 0 || clock.monotonic() - startedAt > RECALCULATION_LIMIT_MS) return remaining
    await sleep(clock, POLL_MS)
  }
}
