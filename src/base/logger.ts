import type { Clock } from './clock.ts'
import { terminalSafeLine } from './texts/terminal-safe-text.ts'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const LOG_FORMATS = ['json', 'text'] as const

/** Fields of one log line. Never a payload, a token or a secret. */
export type LogFields = Readonly<Record<string, unknown>>

/** One line per call. An `error` field may hold an Error: its message is logged, its stack only at `debug`. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export interface LoggerOptions {
  /** Lines below this level are left out. */
  readonly level: LogLevel
  readonly clock: Clock
  /** Takes each finished line, without its newline. */
  readonly write: (line: string) => void
}

/** Renders one entry; its fields are free of errors and bigints. */
type Render = (entry: { time: string; level: LogLevel; message: string; fields: LogFields }) => string

/** A logger of one JSON object per line. */
export function createJsonLogger(options: LoggerOptions): Logger {
  return createLogger(options, ({ fields, ...entry }) => JSON.stringify({ ...entry, ...fields }))
}

/** A logger of lines for people: `2026-01-27T10:15:30.123Z INFO  ready to ingest  key=value`. */
export function createTextLogger(options: LoggerOptions): Logger {
  return createLogger(options, ({ time, level, message, fields }) =>
    [`${time} ${level.toUpperCase().padEnd(5)} ${message}`, ...Object.entries(fields).flatMap(textOfField)].join('  '),
  )
}

/** Line breaks and control characters are escaped, so that one entry is always one line and a terminal that shows it obeys nothing in it. */
function createLogger({ level: minLevel, clock, write }: LoggerOptions, render: Render): Logger {
  const threshold = LOG_LEVELS.indexOf(minLevel)
  const logAt = (level: LogLevel) => {
    if (LOG_LEVELS.indexOf(level) < threshold) return () => {}
    return (message: string, fields: LogFields = {}) => {
      const time = new Date(clock.now()).toISOString()
      write(terminalSafeLine(render({ time, level, message, fields: serialisableFields(fields, threshold === 0) })))
    }
  }
  return { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') }
}

function serialisableFields(fields: LogFields, withStack: boolean): LogFields {
  const serialisable: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    if (value instanceof Error) {
      serialisable[key] = value.message
      if (withStack) serialisable[`${key}Stack`] = value.stack
    } else if (typeof value === 'bigint') serialisable[key] = value.toString()
    else serialisable[key] = value
  }
  return serialisable
}

/** A text of one word stands as it is, everything else as JSON. */
function textOfField([key, value]: readonly [string, unknown]): string[] {
  if (value === undefined) return []
  return [`${key}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`]
}
