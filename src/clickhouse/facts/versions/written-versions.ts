/**
 * The versions of the facts that this process writes: the active one, and one that is being built. Ingestion adds each event to all of them, the background adds stored events.
 * Their writes take turns, since each of them reads what is stored before it writes.
 */
import { StartFailure } from '../../../base/errors.ts'
import { type EventLoopYielder, TimeSlices } from '../../../base/event-loop-yielding.ts'
import { TaskQueue } from '../../../base/task-queue.ts'
import { EventBlock, type RowIndexes } from '../../../events/block/event-block.ts'
import type { EventRow } from '../../../events/event-row.ts'
import { type ClassRulesByTenant, RULES_VERSION } from '../../../messages/classes/class-rules.ts'
import { rulesOfText } from '../../../messages/classes/parse-class-rules.ts'
import type { MessageFilter } from '../message-filter.ts'
import type { EventWriter } from '../../connection/store-connection.ts'
import { MessageFactsStore } from '../message-facts-store.ts'
import { activeVersion, ensureFirstVersion, type FactsVersion, liveVersions } from './version-table.ts'

export interface WrittenVersionsOptions {
  readonly writer: EventWriter
  /** The rules of the configuration. */
  readonly rules: ClassRulesByTenant
  /** The version of the rules in this program. */
  readonly rulesVersion?: number | undefined
  /** The partition of an instant in epoch milliseconds. */
  readonly partitionOf: (at: number) => number
  /** Fences the writer: no earlier write takes effect afterwards. */
  readonly fence: () => Promise<void>
  /** Contains the messages of all versions. */
  readonly filter?: MessageFilter | undefined
  readonly yielder?: EventLoopYielder | undefined
}

export class WrittenVersions {
  readonly #options: WrittenVersionsOptions
  readonly #stores = new Map<number, MessageFactsStore>()
  #versions: readonly FactsVersion[] = []
  readonly #tasks = new TaskQueue()
  #waiting = 0
  /** Whether a write has failed whose outcome is unknown. Until it is fenced, what is read may be out of date. */
  #isOutcomeUnknown = false

  constructor(options: WrittenVersionsOptions) {
    this.#options = options
  }

  /** As of the last `refresh`. */
  get versions(): readonly FactsVersion[] {
    return this.#versions
  }

  /** Those that have to contain every event. */
  get live(): readonly FactsVersion[] {
    return liveVersions(this.#versions)
  }

  /** Whether ingestion waits for, or makes, a write. */
  get isIngesting(): boolean {
    return this.#waiting > 0
  }

  /** The rules and the version of the rules that this process is configured with. */
  get wanted(): { readonly rulesVersion: number; readonly rules: ClassRulesByTenant } {
    const { rules, rulesVersion = RULES_VERSION } = this.#options
    return { rules, rulesVersion }
  }

  /** Whether a version follows from the rules that this process is configured with. */
  isWanted({ rulesVersion, rulesText }: FactsVersion): boolean {
    const { wanted } = this
    return rulesVersion === wanted.rulesVersion && rulesOfText(rulesText)?.identity === wanted.rules.identity
  }

  /** Whether this process knows the rules of a version. An earlier program does not know those of a later one. */
  isWritten({ number }: FactsVersion): boolean {
    return this.#stores.has(number)
  }

  /**
   * Reads which versions there are. Writes that begin after it has resolved go to all live versions whose rules this process knows. Rejects with a StartFailure when a later
   * version of the program has made the active one, else with a StoreFailure.
   */
  async refresh(): Promise<void> {
    const { writer, partitionOf, filter, yielder } = this.#options
    const { rules: wantedRules, rulesVersion } = this.wanted
    const versions = await ensureFirstVersion(writer, { rulesVersion, rulesText: wantedRules.text })
    const active = activeVersion(versions)
    if (active !== undefined && active.rulesVersion > rulesVersion)
      throw new StartFailure(
        'The facts of messages were calculated by a newer version of the service: start that version.',
      )
    const live = liveVersions(versions).filter((version) => version.rulesVersion <= rulesVersion)
    for (const number of this.#stores.keys())
      if (!live.some((version) => version.number === number)) this.#stores.delete(number)
    for (const { number, rulesText } of live) {
      if (this.#stores.has(number)) continue
      // A text that an earlier program accepted and this one does not is replaced by the configuration.
      const rules = rulesOfText(rulesText) ?? wantedRules
      this.#stores.set(
        number,
        new MessageFactsStore(writer, { rules, rulesNumber: number, partitionOf, filter, yielder }),
      )
    }
    this.#versions = versions
  }

  /** Adds rows of a block, which are stored, to all versions; it can be repeated. `rows` is called when no other write is in progress. Rejects with a StoreFailure. */
  async add(events: EventBlock, rows: () => RowIndexes): Promise<void> {
    this.#waiting++
    try {
      await this.#runAlone(async () => {
        const added = rows()
        for (const store of [...this.#stores.values()]) await store.add(events, added)
      })
    } finally {
      this.#waiting--
    }
  }

  /**
   * Adds stored events to one version, or to all of them; it can be repeated. `readRows` is called when no other write is in progress. Does nothing for a version that is no longer
   * written. Rejects with a StoreFailure.
   */
  async addStored(readRows: () => Promise<readonly EventRow[]>, number?: number): Promise<void> {
    await this.#runAlone(async () => {
      const block = new EventBlock()
      const slices = new TimeSlices()
      for (const row of await readRows()) {
        await slices.yieldIfExpired()
        block.append(row, [])
      }
      for (const [each, store] of [...this.#stores])
        if (number === undefined || number === each) await store.add(block, block.allRows())
    })
  }

  /**
   * Makes the facts of messages in all versions equal to what their stored events say, which `readStored` reads when no other write is in progress. `messages` has one row per
   * message. It can be repeated. Rejects with a StoreFailure.
   */
  async replace(messages: EventBlock, readStored: () => Promise<EventBlock>): Promise<void> {
    await this.#runAlone(async () => {
      const stored = await readStored()
      for (const store of [...this.#stores.values()]) await store.replace(messages, stored)
    })
  }

  /** Forgets what is known about stored facts: others may have written some since. */
  invalidate(): void {
    for (const store of this.#stores.values()) store.invalidate()
  }

  #runAlone(task: () => Promise<void>): Promise<void> {
    return this.#tasks.run(async () => {
      if (this.#isOutcomeUnknown) await this.#options.fence()
      this.#isOutcomeUnknown = true
      await task()
      this.#isOutcomeUnknown = false
    })
  }
}
