import type { Clock } from './clock.ts'

/** When so many tenants are told apart, all of them move and the count begins anew: some 10 MB. */
const MAX_TENANTS = 100_000

export interface DataVersionsOptions {
  readonly clock: Clock
  /** Undefined where this process alone writes. Others' writes show in a version after so long. */
  readonly validForMs?: number
}

/**
 * The version of each tenant's data: while it stays the same, so does every answer. It moves when rows of the tenant were stored, or may have been. Versions of one
 * process never come again in another.
 */
export class DataVersions {
  readonly #options: DataVersionsOptions
  readonly #process = crypto.randomUUID().slice(0, 13)
  readonly #moves = new Map<string, { count: number }>()
  #allMoves = 0

  constructor(options: DataVersionsOptions) {
    this.#options = options
  }

  /** Ask before reading: what is read then is at least as new. */
  of(tenantId: string): string {
    const { clock, validForMs } = this.#options
    const slot = validForMs === undefined ? 0 : Math.floor(clock.now() / validForMs)
    return `${this.#process}.${this.#allMoves}.${this.#moves.get(tenantId)?.count ?? 0}.${slot}`
  }

  move(tenantId: string): void {
    const moves = this.#moves.get(tenantId)
    if (moves) {
      moves.count++
      return
    }
    if (this.#moves.size >= MAX_TENANTS) this.moveAll()
    this.#moves.set(tenantId, { count: 1 })
  }

  moveAll(): void {
    this.#allMoves++
    this.#moves.clear()
  }
}
