/** An event of a `text/event-stream` as defined by the HTML standard. */
export interface ServerSentEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** The maximum length of a line, which limits memory: the service sends no event of this size. */
const MAX_LINE = 4_194_304

/**
 * Parses a `text/event-stream` incrementally, because EventSource of the browser cannot send a header. It accepts chunks of any size and returns the complete events.
 * It ignores comments and an incomplete event at the end. Throws for a line without an end.
 */
export function createEventStreamParser(): (chunk: string) => ServerSentEvent[] {
  let remainder = ''
  let id = ''
  let event = ''
  let data: string[] = []
  let isFirst = true

  const parseLine = (line: string): ServerSentEvent | undefined => {
    if (line === '') {
      const complete = data.length > 0 ? { id, event: event || 'message', data: data.join('\n') } : undefined
      event = ''
      data = []
      return complete
    }
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
    return undefined
  }

  return (chunk) => {
    if (isFirst && chunk !== '') {
      chunk = chunk.replace(/^\uFEFF/, '')
      isFirst = false
    }
    // A carriage return at the end may be the first half of a CRLF: the next chunk decides.
    const text = remainder + chunk
    const heldBackLength = text.endsWith('\r') ? 1 : 0
    const lines = text.slice(0, text.length - heldBackLength).split(/\r\n|\n|\r/)
    remainder = lines.pop()! + (heldBackLength ? '\r' : '')
    if (remainder.length > MAX_LINE) throw new Error('A line of the stream has no end.')
    return lines.flatMap((line) => parseLine(line) ?? [])
  }
}
