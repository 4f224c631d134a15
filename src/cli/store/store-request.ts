/**
 * Requests of the commands to the store. With the embedded engine a running service executes them, as only one process can open the data; otherwise the command itself.
 */
import type { Clock } from '../../base/clock.ts'
import { CommandFailure } from '../../base/errors.ts'
import type { Store } from '../../clickhouse/connection/store-connection.ts'

/** A request is not valid. */
export class InvalidStoreRequest extends CommandFailure {}

/** The dependencies of a request. */
export interface StoreRequestContext {
  /** A store whose migrations are applied. */
  readonly store: Store
  readonly database: string
  readonly clock: Clock
  /** Whether a service may be storing events at the same time. */
  readonly isServiceRunning: boolean
  /** Calculates the facts of messages again whose events were erased. Without a service the command does it; otherwise the service does it within seconds. */
  readonly recalculateMessages?: () => Promise<void>
  /** Called when rows of a tenant were erased. */
  readonly onRowsErased: (tenantId: string) => Promise<void>
}
