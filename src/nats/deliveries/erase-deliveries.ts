import type { NatsConnection } from 'nats'
import { tokenOf } from '../tenant-token.ts'
import { DeliveryBucket } from './delivery-bucket.ts'
import { DELIVERY_LOG_SPEC, OPEN_DELIVERY_SPEC, RUN_PROGRESS_SPEC } from './delivery-streams.ts'

/** Removes the deliveries of a tenant, which name recipients, and how far its schedules have run. Resolves with the number of deliveries in the log. Rejects when the broker does not respond; it can then be repeated. */
export async function eraseDeliveries(connection: NatsConnection, tenantId: string): Promise<number> {
  const counts: number[] = []
  for (const spec of [OPEN_DELIVERY_SPEC, RUN_PROGRESS_SPEC, DELIVERY_LOG_SPEC]) {
    const bucket = new DeliveryBucket(() => connection, spec)
    const keys = await bucket.keys(`*.${tokenOf(tenantId)}.>`)
    for (const key of keys) {
      const entry = await bucket.read(key)
      if (entry) await bucket.delete(entry.revision)
    }
    counts.push(keys.length)
  }
  return counts.at(-1) ?? 0
}
