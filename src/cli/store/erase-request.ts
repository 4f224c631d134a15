import { eraseContact } from '../../clickhouse/access/erase-contact.ts'
import { isTenantId } from '../../base/tenant-id.ts'
import { InvalidStoreRequest, type StoreRequestContext } from './store-request.ts'

export interface EraseRequest {
  readonly tenant?: unknown
  readonly contact?: unknown
}

/** Erases the events of a contact up to now and yields the receipt. Throws a StoreFailure; the request can then be repeated. */
export async function* runEraseRequest(
  { tenant, contact }: EraseRequest,
  { store, database, clock, isServiceRunning, recalculateMessages, onRowsErased }: StoreRequestContext,
): AsyncGenerator<object> {
  if (!isTenantId(tenant) || typeof contact !== 'string' || contact === '')
    throw new InvalidStoreRequest('A tenant and a contact are required.')
  const receipt = await eraseContact(store, tenant, contact, { database, clock, isServiceRunning, recalculateMessages })
  await onRowsErased(tenant)
  yield { ...receipt, erasedAt: new Date(receipt.erasedAt).toISOString() }
}
