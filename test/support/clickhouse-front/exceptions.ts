/** A failure as ClickHouse reports it: the numeric code, its name, and the message between them. */
export class ClickHouseFailure extends Error {
  readonly code: number
  readonly type: string

  constructor(code: number, type: string, message: string) {
    super(message)
    this.code = code
    this.type = type
  }
}

/** The HTTP status of ClickHouse for an exception code (its `exceptionCodeToHTTPStatus`); 500 for the rest. */
export function statusOfCode(code: number): number {
  for (const [status, codes] of STATUS_CODES) if (codes.has(code)) return status
  return 500
}

const STATUS_CODES: readonly (readonly [number, ReadonlySet<number>])[] = [
  [400, new Set([6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427, 441])],
  [400, new Set([675, 676])],
  [401, new Set([194])],
  [403, new Set([192, 193, 497, 512, 516])],
  [404, new Set([46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511])],
  [408, new Set([159])],
  [411, new Set([381])],
  [413, new Set([229])],
  [415, new Set([779])],
  [501, new Set([48])],
  [503, new Set([76, 209, 439])],
]

/**
 * The error text of the engine as code, name and message. The engine nests a failure in itself (`Code: 115. DB::Exception:
 * Code: 115. DB::Exception: …`), which a server does not: the outer prefix is removed.
 */
export function readEngineError(error: unknown): ClickHouseFailure {
  const text = (error instanceof Error ? error.message : String(error)).trim()
  const match = /^(?:Code: \d+\. DB::Exception: )*Code: (\d+)\. DB::Exception: ([\s\S]*)$/.exec(text)
  if (match === null) return new ClickHouseFailure(1002, 'UNKNOWN_EXCEPTION', text)
  let message = match[2] ?? ''
  let type = 'UNKNOWN_EXCEPTION'
  for (;;) {
    const tail = /^([\s\S]*?)\.? \(([A-Z][A-Z0-9_]{2,})\)(?: \(version [^)]*(?:\([^)]*\))?\))?\.?$/.exec(message)
    if (tail === null) break
    message = tail[1] ?? ''
    type = tail[2] ?? type
  }
  return new ClickHouseFailure(Number(match[1]), type, message.replace(SPOOL_TRACE, ''))
}

/** Text that the engine adds because insert data came from a file, which a server never sends. */
const SPOOL_TRACE = /\n?: \(in file\/uri [^)]*\)|: While executing File: data for INSERT was parsed from file/g

/** The body of ClickHouse's response. */
export function exceptionText(failure: ClickHouseFailure, version: string): string {
  const { code, type, message } = failure
  return `Code: ${code}. DB::Exception: ${message}. (${type}) (version ${version} (official build))\n`
}
