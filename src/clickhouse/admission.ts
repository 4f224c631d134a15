import { type Clock } from '../clock.ts'
import { StoreFailure } from '../errors.ts'

interface Waiting<Resource> {
  readonly admit: (resource: Resource) => void
}

/**
 * Admission control: as many callers run at once as there are resources, a bounded number wait a bounded time, the rest are refused at once with a StoreFailure
 * `overloaded`. First come, first served.
 */
export class Admission<Resource> {
  readonly #free: Resource[]
  readonly #waiting: Waiting<Resource>[] = []
  readonly #options: { readonly maxWaiting: number; readonly maxWaitMs: number; readonly clock: Clock }

  constructor(resources: readonly Resource[], options: { maxWaiting: number; maxWaitMs: number; clock: Clock }) {
    this.#free = [...resources]
    this.#options = options
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  async run<Result>(task: (resource: Resource) => Promise<Result>): Promise<Result> {
    const resource = this.#free.pop() ?? (await this.#wait())
    try {
      return await task(resource)
    } finally {
      const next = this.#waiting.shift()
      if (next) next.admit(resource)
      else this.#free.push(resource)
    }
  }

  #wait(): Promise<Resource> {
    const { maxWaiting, maxWaitMs, clock } = this.#options
    if (this.#waiting.length >= maxWaiting)
      return Promise.reject(new StoreFailure('overloaded', 'Too many queries are waiting.'))
    return new Promise((resolve, reject) => {
      const waiting: Waiting<Resource> = {
        admit(resource) {
          cancel()
          resolve(resource)
        },
      }
      const cancel = clock.after(maxWaitMs, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(new StoreFailure('overloaded', 'The query waited too long for its turn.'))
      })
      this.#waiting.push(waiting)
    })
  }
}
