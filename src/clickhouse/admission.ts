import { type Clock } from '../clock.ts'
import { StoreFailure } from '../errors.ts'

/** A party that ran something so shortly ago counts as running still: whoever asks one thing after the other keeps its share in between. */
const RECENT_MS = 100

interface Waiting<Resource> {
  readonly admit: (resource: Resource) => void
  readonly refuse: (sentence: string) => void
}

interface Party<Resource> {
  readonly name: string
  held: number
  seenAt: number
  readonly queue: Waiting<Resource>[]
}

export interface AdmissionOptions {
  /** Of all parties. */
  readonly maxWaiting: number
  readonly maxWaitingOfOne: number
  readonly maxWaitMs: number
  readonly clock: Clock
}

/**
 * Admission control, fair over parties (tenants): as many callers run at once as there are resources, a bounded number wait a bounded time, the rest are refused with a
 * StoreFailure `overloaded`. Parties take turns, each in its own order. The last resource is kept for whoever comes next; and a crowd, a party that wants more at once than there is, gets
 * an even share while others are there: of half of all while one of them wants less, since for that one an even share would already be twice the time.
 */
export class Admission<Resource> {
  readonly #free: Resource[]
  readonly #count: number
  readonly #options: AdmissionOptions
  /** Those that hold, wait, or did so a moment ago: the one seen longest ago first. */
  readonly #parties = new Map<string, Party<Resource>>()
  /** Those that wait, the next one first. */
  readonly #turns = new Set<Party<Resource>>()
  #waitingCount = 0

  constructor(resources: readonly Resource[], options: AdmissionOptions) {
    this.#free = [...resources]
    this.#count = resources.length
    this.#options = options
  }

  get waitingCount(): number {
    return this.#waitingCount
  }

  async run<Result>(partyName: string, task: (resource: Resource) => Promise<Result>): Promise<Result> {
    const party = this.#see(partyName)
    const resource = await this.#enter(party)
    try {
      return await task(resource)
    } finally {
      party.held--
      this.#free.push(resource)
      this.#see(partyName)
      this.#admitNext()
    }
  }

  #enter(party: Party<Resource>): Resource | Promise<Resource> {
    if (party.queue.length === 0 && party.held < this.#shareOf(party)) {
      const resource = this.#free.pop()
      if (resource !== undefined) {
        party.held++
        return resource
      }
    }
    return this.#wait(party)
  }

  /** How many resources a party may hold now. */
  #shareOf(party: Party<Resource>): number {
    const most = Math.max(1, this.#count - 1)
    if (!this.#isCrowd(party) || this.#parties.size === 1) return most
    let crowds = 0
    for (const other of this.#turns) if (this.#isCrowd(other)) crowds++
    const shared = crowds < this.#parties.size ? this.#count / 2 : this.#count
    return Math.min(most, Math.max(1, Math.floor(shared / this.#parties.size)))
  }

  #isCrowd({ held, queue }: Party<Resource>): boolean {
    return held + queue.length > this.#count
  }

  /** Those gone for longer than a moment are there no more. */
  #forget(): void {
    const since = this.#options.clock.monotonic() - RECENT_MS
    for (const [name, { held, queue, seenAt }] of this.#parties) {
      if (seenAt > since) return
      if (held === 0 && queue.length === 0) this.#parties.delete(name)
    }
  }

  /** Whoever waits longest without a turn comes first, unless it holds its share. */
  #admitNext(): void {
    for (const party of this.#turns) {
      if (this.#free.length === 0) return
      if (party.held >= this.#shareOf(party)) continue
      party.held++
      party.queue[0]!.admit(this.#free.pop()!)
      // To the end, behind those that had no turn yet.
      this.#turns.delete(party)
      if (party.queue.length > 0) this.#turns.add(party)
    }
  }

  #wait(party: Party<Resource>): Promise<Resource> {
    const { maxWaitingOfOne, maxWaitMs, clock } = this.#options
    if (party.queue.length >= maxWaitingOfOne || !this.#makeRoom(party))
      return Promise.reject(new StoreFailure('overloaded', 'Too many queries are waiting.'))
    return new Promise((resolve, reject) => {
      const leave = () => {
        cancel()
        party.queue.splice(party.queue.indexOf(waiting), 1)
        if (party.queue.length === 0) this.#turns.delete(party)
        this.#waitingCount--
      }
      const waiting: Waiting<Resource> = {
        admit(resource) {
          leave()
          resolve(resource)
        },
        refuse(sentence) {
          leave()
          reject(new StoreFailure('overloaded', sentence))
        },
      }
      const cancel = clock.after(maxWaitMs, () => waiting.refuse('The query waited too long for its turn.'))
      party.queue.push(waiting)
      this.#turns.add(party)
      this.#waitingCount++
    })
  }

  /** Where too many wait altogether, the last one of the longest queue goes, if that is longer than the party's own would be. */
  #makeRoom(party: Party<Resource>): boolean {
    if (this.#waitingCount < this.#options.maxWaiting) return true
    let longest = party
    for (const other of this.#turns) if (other.queue.length > longest.queue.length) longest = other
    if (longest.queue.length <= party.queue.length + 1) return false
    longest.queue.at(-1)!.refuse('Too many queries are waiting.')
    return true
  }

  #see(name: string): Party<Resource> {
    this.#forget()
    const party = this.#parties.get(name) ?? { name, held: 0, seenAt: 0, queue: [] }
    party.seenAt = this.#options.clock.monotonic()
    this.#parties.delete(name)
    this.#parties.set(name, party)
    return party
  }
}
