import { backoffMs, type Clock, sleep } from '../base/clock.ts'
import { StartFailure } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'

const MAX_BACKOFF_MS = 3_000

export interface RetryOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Ends the attempts. */
  readonly signal: AbortSignal
}

/** Repeats a step of the start until it succeeds or `signal` aborts. Rejects with a StartFailure at once, as a retry cannot help then. */
export async function retryUntilReady(
  component: 'the store' | 'the broker' | 'the consumer',
  step: () => Promise<void>,
  { clock, logger, signal }: RetryOptions,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (error instanceof StartFailure) throw error
      logger.warn(`${component} is not ready yet; retrying`, { attempt, error })
      await sleep(clock, backoffMs(attempt, { maxMs: MAX_BACKOFF_MS }), signal)
    }
  }
}
