/** Which version of the facts answers are read from, as the table of versions says. */
import type { ActiveFacts } from '../../../analytics/query/active-facts.ts'
import { type Clock, sleep } from '../../../base/clock.ts'
import { messageOf } from '../../../base/errors.ts'
import { type ClassRules, type ClassRulesByTenant, RULES_VERSION } from '../../../messages/classes/class-rules.ts'
import { rulesOfText } from '../../../messages/classes/parse-class-rules.ts'
import type { StoreConnection } from '../../connection/store-connection.ts'
import { readProgress } from './progress-table.ts'
import { activeVersion, liveVersions, readVersions } from './version-table.ts'

export interface ActiveVersionOptions {
  readonly connection: StoreConnection
  /** The rules of the configuration. */
  readonly rules: ClassRulesByTenant
  readonly clock: Clock
  /** Called when answers are read from another version. */
  readonly onSwitch?: (() => void) | undefined
  /** Called after each successful refresh. */
  readonly onRefresh?: ((version: ActiveVersion) => void) | undefined
}

/** Its values are those of the last refresh. */
export class ActiveVersion implements ActiveFacts, Pick<ClassRulesByTenant, 'of'> {
  readonly #options: ActiveVersionOptions
  #rulesNumber: number | undefined
  #rulesVersion = RULES_VERSION
  #progress = 0
  #rules: ClassRulesByTenant
  #refreshedAt = -Infinity
  #failure: Error | undefined

  constructor(options: ActiveVersionOptions) {
    this.#options = options
    this.#rules = options.rules
  }

  get rulesNumber(): number | undefined {
    return this.#rulesNumber
  }

  get rulesVersion(): number {
    return this.#rulesVersion
  }

  get progress(): number {
    return this.#progress
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** The rules that the facts to read follow from. */
  of(tenantId: string): ClassRules {
    return this.#rules.of(tenantId)
  }

  /** Rejects with a StoreFailure. */
  async refresh(): Promise<void> {
    const { connection, rules, clock, onSwitch, onRefresh } = this.#options
    const startedAt = clock.monotonic()
    const versions = await readVersions(connection)
    const active = activeVersion(versions)
    const building = liveVersions(versions).find(({ state }) => state === 'building')
    this.#progress = building ? await progressOf(connection, building.number) : active ? 1 : 0
    const isSwitched = active?.number !== this.#rulesNumber
    if (isSwitched) this.#rules = (active && rulesOfText(active.rulesText)) ?? rules
    this.#rulesNumber = active?.number
    this.#rulesVersion = active?.rulesVersion ?? RULES_VERSION
    this.#refreshedAt = startedAt
    this.#failure = undefined
    if (isSwitched) onSwitch?.()
    onRefresh?.(this)
  }

  /** Refreshes when the last refresh is older. Never rejects: after a failure the values stay as they were. */
  async refreshIfOlderThan(maxAgeMs: number): Promise<void> {
    if (this.#options.clock.monotonic() - this.#refreshedAt < maxAgeMs) return
    await this.refresh().catch((error: unknown) => {
      if (this.#refreshedAt === -Infinity) this.#failure = error instanceof Error ? error : new Error(messageOf(error))
    })
  }

  /** Refreshes again and again, until the signal aborts. Never rejects. */
  async poll(intervalMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.refreshIfOlderThan(0)
      await sleep(this.#options.clock, intervalMs, signal)
    }
  }
}

/** Less than 1, as the version is not complete yet. */
async function progressOf(connection: StoreConnection, number: number): Promise<number> {
  const rows = await readProgress(connection, [number])
  const events = rows.reduce((sum, row) => sum + row.events, 0)
  const done = rows.reduce((sum, row) => sum + row.events_done, 0)
  return events === 0 ? 0 : Math.min(0.999, done / events)
}
