/** Stores deliveries in two buckets: the log, and the open ones. */
import type { Delivery, DeliveryKey } from '../../delivery/delivery.ts'
import type { DeliveryStore, OpenDelivery, StoredDelivery } from '../../delivery/delivery-store.ts'
import { tokenOf } from '../tenant-token.ts'
import { type ConnectionSource, DeliveryBucket } from './delivery-bucket.ts'
import { DELIVERY_LOG_SPEC, OPEN_DELIVERY_SPEC } from './delivery-streams.ts'

/** A source or delivery id, as a part of a key. */
const KEY_PART = /^[A-Za-z0-9_-]{1,128}$/

/** `kind` separates reports from alerts. Ids of sources and deliveries are letters, digits, `_` and `-`, at most 128 of them; others are rejected with a TypeError. */
export function createDeliveryStore<Target>(connection: ConnectionSource, kind: string): DeliveryStore<Target> {
  const log = new DeliveryBucket(connection, DELIVERY_LOG_SPEC)
  const open = new DeliveryBucket(connection, OPEN_DELIVERY_SPEC)

  async function written(
    key: DeliveryKey,
    delivery: Delivery<Target>,
    expected: number,
  ): Promise<StoredDelivery<Target> | undefined> {
    const revision = await log.write(keyText(kind, key), delivery, expected)
    return revision === undefined ? undefined : { key, delivery, revision }
  }

  return {
    async open(delivery) {
      const revision = await open.write(keyText(kind, delivery.key), delivery)
      return { ...delivery, revision: revision ?? 0 }
    },
    async listOpen() {
      const keys = await open.keys(`${kind}.>`)
      const entries = await Promise.all(keys.map((key) => open.read(key)))
      return entries.flatMap((entry) =>
        entry ? { ...(entry.value as OpenDelivery<Target>), revision: entry.revision } : [],
      )
    },
    close: ({ revision }) => open.delete(revision),
    async read(key) {
      const entry = await log.read(keyText(kind, key))
      return entry && { key, delivery: entry.value as Delivery<Target>, revision: entry.revision }
    },
    create: (key, delivery) => written(key, delivery, 0),
    replace: ({ key, revision }, delivery) => written(key, delivery, revision),
    async listIds(tenantId, sourceId) {
      const keys = await log.keys(`${sourcePrefix(kind, tenantId, sourceId)}*`)
      return keys.map((key) => key.slice(key.lastIndexOf('.') + 1)).toSorted((a, b) => (a < b ? 1 : -1))
    },
  }
}

function keyText(kind: string, { tenantId, sourceId, id }: DeliveryKey): string {
  return sourcePrefix(kind, tenantId, sourceId) + requireKeyPart(id)
}

/** The first parts of the keys of a source. */
export function sourcePrefix(kind: string, tenantId: string, sourceId: string): string {
  return `${kind}.${tokenOf(tenantId)}.${requireKeyPart(sourceId)}.`
}

function requireKeyPart(text: string): string {
  if (!KEY_PART.test(text)) throw new TypeError(`${JSON.stringify(text)} is no id of deliveries.`)
  return text
}
