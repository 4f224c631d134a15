/**
 * The last line of defence: an unexpected error is logged with its stack and counted, and the process continues.
 */
import type { Clock } from './clock.ts'
import { messageOf } from './errors.ts'
import type { Logger } from './logger.ts'

/** The places where an unexpected error can be caught: the closed set of the label `where`. */
export const UNEXPECTED_ERROR_PLACES = ['request', 'hook', 'timer', 'socket', 'job', 'ingestion', 'process'] as const
export type UnexpectedErrorPlace = (typeof UNEXPECTED_ERROR_PLACES)[number]

/** Reports one unexpected error. Never throws. */
export type ReportUnexpectedError = (
  where: UnexpectedErrorPlace,
  error: unknown,
  context?: Readonly<Record<string, unknown>>,
) => void

/** The counter of unexpected errors. Structural, as the metrics registry imports the places from this file. */
interface UnexpectedErrorMetrics {
  readonly unexpectedErrors: { add(amount: number, labels: { readonly where: UnexpectedErrorPlace }): void }
}

/** Creates a reporter that writes an error with the stack to the log and counts it by place. */
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
      // The value has no text, or the log cannot be written. The count remains.
    }
  }
}

/** The same clock, but an error in a task is reported instead of thrown into the event loop of the runtime. */
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
