import type { Clock } from './clock.ts'
import { terminalSafeLine } from './terminal-safe-text.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Fields of one log line. Never a payload, a token or a secret. */
export type LogFields = Readonly<Record<string, unknown>>

/** One JSON object a line. An `error` field may hold an Error: its message is logged, its stack only at `debug`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

/** A logger that hands each finished line (without its newline) to `write`. Line breaks and control characters in values are JSON-escaped, so one event is always one line. */
export function createJsonLogger(options: { level: LogLevel; clock: Clock; write: (line: string) => void }): Logger {
  const threshold = LOG_LEVELS.indexOf(options.level)
  const logAt = (level: LogLevel) => {
    if (LOG_LEVELS.indexOf(level) < threshold) return () => {}
    return (message: string, fields: LogFields = {}) => {
      const time = new Date(options.clock.now()).toISOString()
      // The same JSON; a terminal that shows it obeys nothing of what stands in it.
      options.write(
        terminalSafeLine(JSON.stringify({ time, level, message, ...describeErrors(fields, threshold === 0) })),
      )
    }
  }
  return { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') }
}

function describeErrors(fields: LogFields, withStack: boolean): Record<string, unknown> {
  const described: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (value instanceof Error) {
      described[key] = value.message
      if (withStack) described[`${key}Stack`] = value.stack
    } else if (typeof value === 'bigint') described[key] = value.toString()
    else described[key] = value
  }
  return described
}
