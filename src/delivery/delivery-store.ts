import type { Delivery, DeliveryKey } from './delivery.ts'

/** A record with the revision under which it was read or written. */
export interface StoredDelivery<Target> {
  readonly key: DeliveryKey
  readonly delivery: Delivery<Target>
  readonly revision: number
}

/** A delivery that is to be advanced by some process. It stays open until the delivery is settled. */
export interface OpenDelivery<Target> {
  readonly key: DeliveryKey
  readonly target: Target
  readonly startBy: number
  /** The settled record is sent again as long as it has this revision; undefined for a delivery that is sent the first time. */
  readonly resendOf?: number
}

/** An open delivery as it is stored. */
export interface OpenEntry<Target> extends OpenDelivery<Target> {
  readonly revision: number
}

/**
 * The log of deliveries of one kind, and the short list of those that are open. Every method rejects while the broker does not respond.
 * The log decides which process sends: `create` and `replace` succeed for one caller only.
 */
export interface DeliveryStore<Target> {
  /** Adds the delivery to the open ones. Repeating it does no harm, even when the delivery is settled: the log has its record. */
  open(delivery: OpenDelivery<Target>): Promise<OpenEntry<Target>>
  /** The open deliveries, in no order. */
  listOpen(): Promise<readonly OpenEntry<Target>[]>
  /** Removes the entry from the open ones; one that was added since stays. */
  close(entry: OpenEntry<Target>): Promise<void>
  read(key: DeliveryKey): Promise<StoredDelivery<Target> | undefined>
  /** Undefined when the record exists. */
  create(key: DeliveryKey, delivery: Delivery<Target>): Promise<StoredDelivery<Target> | undefined>
  /** Undefined when the record has changed since it was read. */
  replace(stored: StoredDelivery<Target>, delivery: Delivery<Target>): Promise<StoredDelivery<Target> | undefined>
  /** The ids of the deliveries of a source, descending: the newest first. */
  listIds(tenantId: string, sourceId: string): Promise<readonly string[]>
}
