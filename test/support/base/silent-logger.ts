import type { LogFields, Logger } from '../../../src/base/logger.ts'

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: LogFields | undefined
}

/** A logger that keeps its lines. */
export function keepingLogger(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
