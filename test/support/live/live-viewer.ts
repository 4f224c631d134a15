/** The client of a live stream: adds up the messages, as a page does. */
export interface Told {
  readonly id: string
  readonly event: string
  readonly data: LiveData
}

interface LiveData {
  readonly asOf?: string
  readonly timezone?: string
  readonly range?: { readonly start: string; readonly end: string }
  readonly counts?: readonly { readonly eventType: string; readonly channel: string; readonly count: number }[]
  readonly reason?: string
}

export class LiveViewer {
  lastEventId: string | undefined
  readonly told: Told[] = []
  readonly resyncs: string[] = []
  #counts: Map<string, number> | undefined

  /** Throws for a message that cannot be added up. */
  take(told: Told): void {
    const { id, event, data } = told
    this.lastEventId = id
    this.told.push(told)
    if (event === 'resync') {
      this.resyncs.push(String(data.reason))
      this.#counts = undefined
    } else if (event === 'snapshot') this.#counts = new Map()
    else if (event !== 'delta') throw new Error(`Nobody knows the event ${event}.`)
    if (event !== 'resync' && !this.#counts) throw new Error('A delta came before a snapshot.')
    for (const { eventType, channel, count } of data.counts ?? []) {
      if (!(count > 0)) throw new Error(`A count of ${count}.`)
      const key = `${eventType} ${channel}`
      this.#counts!.set(key, (this.#counts!.get(key) ?? 0) + count)
    }
  }

  /** By type and channel; undefined before a snapshot. */
  get counts(): Readonly<Record<string, number>> | undefined {
    return this.#counts && Object.fromEntries([...this.#counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  count(eventType: string, channel = 'email'): number {
    return this.#counts?.get(`${eventType} ${channel}`) ?? 0
  }
}
