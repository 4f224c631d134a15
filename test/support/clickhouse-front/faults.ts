/** A switch a test throws: which statements it hits, how often, and what happens to them. */
export interface Fault {
  /** Regular expression (any case) over the statement's SQL without its data, or over `PING`. Default: everything. */
  readonly match?: string
  /** How many requests it hits before it is used up; 0 = until cleared. Default 1. */
  readonly times?: number
  /** `before` the statement reaches the engine (never applied), or `after` it was applied. Default `before`. */
  readonly at?: 'before' | 'after'
  /** Waits this long at that point; a delay alone does nothing else. */
  readonly delayMs?: number
  /** Cuts the connection at that point, without an answer. */
  readonly drop?: boolean
  /** Cuts the connection at once and runs the statement so much later: a server that stalled over a request its client gave up. */
  readonly abandonMs?: number
  /** Answers this instead, at that point; with `code`, as a ClickHouse exception. */
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

/** The faults in force, oldest first; the first that matches a request takes it. */
export class Faults {
  #active: ActiveFault[] = []

  /** Throws `SyntaxError` on a bad expression. */
  add(faults: readonly Fault[]): void {
    this.#active.push(...faults.map((fault) => ({ fault, pattern: new RegExp(fault.match ?? '', 'is'), hits: 0 })))
  }

  /** Returns what was in force, with how often each was hit. */
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
