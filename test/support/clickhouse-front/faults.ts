/** A fault that a test switches on: the statements it matches, the number of times, and its effect. */
export interface Fault {
  /** Regular expression (any case) over the statement's SQL without its data, or over `PING`. Default: everything. */
  readonly match?: string
  /** Number of requests until the fault is used up; 0 = until cleared. Default 1. */
  readonly times?: number
  /** `before` the statement reaches the engine (never applied), or `after` it was applied. Default `before`. */
  readonly at?: 'before' | 'after'
  /** Waits for this time at that point; a fault with only a delay has no other effect. */
  readonly delayMs?: number
  /** Closes the connection at that point, without a response. */
  readonly drop?: boolean
  /** Closes the connection at once and runs the statement after this delay: simulates a server that stalls until the client gives up. */
  readonly abandonMs?: number
  /** Sends this response instead, at that point; with `code`, as a ClickHouse exception. */
  readonly fail?: FaultAnswer
}

export interface FaultAnswer {
  readonly status: number
  readonly code?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface ActiveFault {
  readonly fault: Fault
  readonly pattern: RegExp
  hits: number
}

/** The active faults, oldest first; the first one that matches a request applies. */
export class Faults {
  #active: ActiveFault[] = []

  /** Throws `SyntaxError` for an invalid expression. */
  add(faults: readonly Fault[]): void {
    this.#active.push(...faults.map((fault) => ({ fault, pattern: new RegExp(fault.match ?? '', 'is'), hits: 0 })))
  }

  /** Returns the active faults, with the number of matches of each. */
  clear(): { fault: Fault; hits: number }[] {
    const cleared = this.list()
    this.#active = []
    return cleared
  }

  list(): { fault: Fault; hits: number }[] {
    return this.#active.map(({ fault, hits }) => ({ fault, hits }))
  }

  take(sql: string): Fault | undefined {
    const found = this.#active.find(({ fault: { times = 1 }, pattern, hits }) => {
      return (times === 0 || hits < times) && pattern.test(sql)
    })
    if (found !== undefined) found.hits++
    return found?.fault
  }
}
