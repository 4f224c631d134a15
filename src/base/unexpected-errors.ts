/**
 * The last line of defence: an exception that nobody expected is logged with its stack and counted, and the process goes on.
 */
import type { Clock } from './clock.ts'
import { messageOf } from './errors.ts'
import type { Logger } from './logger.ts'

/** Where an unexpected exception was caught: the closed set of the label `where`. */
export const UNEXPECTED_ERROR_PLACES = ['request', 'hook', 'timer', 'socket', 'job', 'ingestion', 'process'] as const
export type UnexpectedErrorPlace = (typeof UNEXPECTED_ERROR_PLACES)[number]

/** Reports one unexpected exception. Never throws. */
export type ReportUnexpectedError = (
  where: UnexpectedErrorPlace,
  error: unknown,
  context?: Readonly<Record<string, unknown>>,
) => void

/** The counter of unexpected exceptions. The registry of metrics takes the places from here, so its type cannot be named. */
interface UnexpectedErrorMetrics {
  readonly unexpectedErrors: { add(amount: number, labels: { readonly where: UnexpectedErrorPlace }): void }
}

/** Makes the report of unexpected exceptions: an error in the log with the stack, and a count by place. */
export function createUnexpectedErrorReporter(
  logger: Logger,
  { unexpectedErrors }: UnexpectedErrorMetrics,
): ReportUnexpectedError {
  return (where, error, context = {}) => {
    unexpectedErrors.add(1, { where })
    try {
      const stack = error instanceof Error ? error.stack : undefined
      logger.error('unexpected error', { ...context, where, error: messageOf(error), stack })
    } catch {
      // A value that has no text, or a log that cannot be written. The count remains.
    }
  }
}

/** The same clock, but an exception in a task is reported instead of thrown into the runtime's event loop. */
export function withGuardedTimers(clock: Clock, report: ReportUnexpectedError): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delayMs, task) =>
      clock.after(delayMs, () => {
        try {
          task()
        } catch (error) {
          report('timer', error)
        }
      }),
  }
}
