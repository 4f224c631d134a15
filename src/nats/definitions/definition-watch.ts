/** Keeps the copy of a process: reads the bucket once, then follows it. */
import { type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { BucketEntry, DefinitionBucket } from './definition-bucket.ts'
import { DefinitionCopy } from './definition-copy.ts'
import { CURRENT_KEYS } from './definition-value.ts'

const RETRY_MS = 1_000
const CHECK_INTERVAL_MS = 5_000
/** So often in a row the bucket has a message that the copy lacks before it is read again. */
const CHECKS_BEHIND = 2
/** By then, every process that follows the bucket has seen the mark of a removal. */
const REMOVAL_LIFETIME_MS = 60_000

interface Removal {
  readonly revision: number
  /** By the monotonic clock. */
  readonly seenAt: number
}

interface Checked {
  readonly removals: Removal[]
  readonly end: () => void
  readonly signal: AbortSignal
}

export interface DefinitionWatchOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** After each change of the copy. */
  readonly onChange: () => void
}

export class DefinitionWatch {
  readonly #options: DefinitionWatchOptions
  readonly #waiting = new Set<() => void>()
  #copy: DefinitionCopy | undefined

  constructor(options: DefinitionWatchOptions) {
    this.#options = options
  }

  /** Undefined until the bucket was read once. */
  get copy(): DefinitionCopy | undefined {
    return this.#copy
  }

  /** Applies a message that this process has written or read itself. */
  applyAhead(entry: BucketEntry): void {
    this.#copy?.applyAhead(entry)
    this.#changed()
  }

  /** Resolves with whether the copy has reached a revision, after `timeoutMs` at the latest. */
  async reaches(revision: number, timeoutMs: number): Promise<boolean> {
    const isReached = () => (this.#copy?.seen ?? 0) >= revision
    const timeout = new AbortController()
    const cancel = this.#options.clock.after(timeoutMs, () => timeout.abort())
    while (!isReached() && !timeout.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
        timeout.signal.addEventListener('abort', () => resolve(), { once: true })
      })
    cancel()
    return isReached()
  }

  /** Follows the bucket until the signal aborts; reads it again when that fails. */
  async run(bucket: DefinitionBucket, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    while (!signal.aborted) {
      try {
        await bucket.ensure()
        await this.#follow(bucket, signal)
      } catch (error) {
        if (!signal.aborted) logger.warn('the bucket of definitions cannot be read; retrying', { error })
      }
      await sleep(clock, RETRY_MS, signal)
    }
  }

  async #follow(bucket: DefinitionBucket, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    const next = new DefinitionCopy()
    const removals: Removal[] = []
    const view = await bucket.view()
    const messages = await view.watch({
      key: CURRENT_KEYS,
      initializedFn: () => {
        if (this.#copy) next.takeOver(this.#copy)
        this.#copy = next
        this.#changed()
      },
    })
    const end = () => messages.stop()
    signal.addEventListener('abort', end)
    const ended = new AbortController()
    const checking = this.#check(bucket, next, { removals, end, signal: AbortSignal.any([signal, ended.signal]) })
    try {
      for await (const { key, revision, operation, value } of messages) {
        const isRemoval = operation !== 'PUT'
        const isDefinition = next.apply({
          key,
          revision,
          value: isRemoval ? undefined : new TextDecoder().decode(value),
        })
        if (!isDefinition) logger.warn('the bucket of definitions has an entry that is none', { revision })
        if (isRemoval) removals.push({ revision, seenAt: clock.monotonic() })
        if (this.#copy === next) this.#changed()
      }
    } finally {
      signal.removeEventListener('abort', end)
      ended.abort()
      await checking
    }
  }

  /** Deletes marks of removals when they have served. Ends a consumer that has stalled, see `old-servers/stall-detector.ts`: the bucket is then read with a new one. */
  async #check(bucket: DefinitionBucket, copy: DefinitionCopy, { removals, end, signal }: Checked): Promise<void> {
    const { clock, logger } = this.#options
    let checksBehind = 0
    for (;;) {
      await sleep(clock, CHECK_INTERVAL_MS, signal)
      if (signal.aborted) return
      try {
        while (removals[0] && clock.monotonic() - removals[0].seenAt > REMOVAL_LIFETIME_MS)
          await bucket.delete(removals.shift()!.revision)
        const { seen } = copy
        checksBehind = (await bucket.lastRevision()) > seen && copy.seen === seen ? checksBehind + 1 : 0
      } catch (error) {
        logger.debug('the bucket of definitions cannot be checked', { error })
      }
      if (checksBehind < CHECKS_BEHIND) continue
      logger.warn('the copy of the definitions is behind; reading them again')
      return end()
    }
  }

  #changed(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
    this.#options.onChange()
  }
}
