/** Fulfils the requests to calculate the facts of messages again, for the process that stores the events of their tenants. */
import type { EventRow } from '../../events/event-row.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import {
  blockOf,
  findEventsOfMessages,
  findPendingRecalculations,
  markRecalculated,
  messagesOf,
  type PendingRecalculation,
} from './recalculation-requests.ts'
import type { WrittenVersions } from './versions/written-versions.ts'

export interface RecalculationOptions {
  readonly connection: StoreConnection
  readonly facts: WrittenVersions
  /** The rows whose contacts were not erased after them, as of now. Rejects with a StoreFailure. */
  readonly withoutErased: (rows: readonly EventRow[]) => Promise<readonly EventRow[]>
}

export class Recalculation {
  readonly #options: RecalculationOptions
  #tenant: string | undefined

  constructor(options: RecalculationOptions) {
    this.#options = options
  }

  /** The tenant whose messages are being calculated again. */
  get tenant(): string | undefined {
    return this.#tenant
  }

  /** Fulfils what is requested for local tenants. Returns the tenants whose facts may have changed. Rejects with a StoreFailure; what is left is done by the next call. */
  async run(isLocal: (tenantId: string) => boolean): Promise<string[]> {
    const tenants = new Set<string>()
    for (const pending of await findPendingRecalculations(this.#options.connection)) {
      if (!isLocal(pending.tenantId)) continue
      tenants.add(pending.tenantId)
      await this.#recalculate(pending)
    }
    return [...tenants]
  }

  async #recalculate(pending: PendingRecalculation): Promise<void> {
    const { connection, facts, withoutErased } = this.#options
    this.#tenant = pending.tenantId
    try {
      await facts.replace(messagesOf(pending), async () => {
        const rows = await findEventsOfMessages(connection, pending.tenantId, pending.messageIds)
        // The events may not be deleted yet.
        return blockOf(await withoutErased(rows))
      })
    } finally {
      this.#tenant = undefined
    }
    await markRecalculated(connection, pending)
  }
}
