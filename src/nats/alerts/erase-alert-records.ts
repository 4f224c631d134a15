import type { NatsConnection } from 'nats'
import { DeliveryBucket } from '../deliveries/delivery-bucket.ts'
import { tokenOf } from '../tenant-token.ts'
import { ALERT_RECORD_SPEC } from './alert-records.ts'

/** Removes what was judged of a tenant's alert rules: states, history, and changes that people were still to be told of. Resolves with the number of rules. Rejects when the broker does not respond; it can then be repeated. */
export async function eraseAlertRecords(connection: NatsConnection, tenantId: string): Promise<number> {
  const bucket = new DeliveryBucket(() => connection, ALERT_RECORD_SPEC)
  const keys = await bucket.keys(`${tokenOf(tenantId)}.>`)
  for (const key of keys) {
    const entry = await bucket.read(key)
    if (entry) await bucket.delete(entry.revision)
  }
  return keys.length
}
