/** Calculates the facts of messages again whose events were erased. */
import type { EventWriter } from '../connection/store-connection.ts'
import type { ErasedContacts } from '../write/erased-contacts.ts'
import {
  blockOf,
  findEventsOfMessages,
  findPendingRecalculations,
  markRecalculated,
  messagesOf,
  type PendingRecalculation,
} from './recalculations.ts'
import type { WrittenVersions } from './versions/written-versions.ts'

export interface MessageRecalculationOptions {
  readonly writer: EventWriter
  readonly facts: WrittenVersions
  readonly erasures: ErasedContacts
}

export class MessageRecalculation {
  readonly #options: MessageRecalculationOptions
  #tenant: string | undefined

  constructor(options: MessageRecalculationOptions) {
    this.#options = options
  }

  /** The tenant whose messages are being calculated again: no other process may store its events until then. */
  get tenant(): string | undefined {
    return this.#tenant
  }

  /** Does what is requested for tenants whose events this process stores. Returns the tenants whose facts may have changed. Rejects with a StoreFailure; what is left is done by the next call. */
  async run(isLocal: (tenantId: string) => boolean): Promise<string[]> {
    const tenants = new Set<string>()
    for (const pending of await findPendingRecalculations(this.#options.writer)) {
      if (!isLocal(pending.tenantId)) continue
      tenants.add(pending.tenantId)
      await this.#recalculate(pending)
    }
    return [...tenants]
  }

  async #recalculate(pending: PendingRecalculation): Promise<void> {
    const { writer, facts, erasures } = this.#options
    this.#tenant = pending.tenantId
    try {
      await facts.replace(messagesOf(pending), async () => {
        // The events may not be deleted yet.
        await erasures.refresh(0)
        const rows = await findEventsOfMessages(writer, pending.tenantId, pending.messageIds)
        return blockOf(rows.filter((row) => !erasures.isErased(row)))
      })
    } finally {
      this.#tenant = undefined
    }
    await markRecalculated(writer, pending)
  }
}
