/** An event of a `text/event-stream`, as the HTML standard reads it. */
export interface ServerSentEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** A line this long is no event of ours; it is not worth the memory. */
const MAX_LINE = 4_194_304

/**
 * Reads a `text/event-stream` piece by piece: the browser's own EventSource cannot send a header. Give it texts as they arrive, cut anywhere; it returns the events
 * that are complete. Comments and what ends within an event are dropped. Throws when a line has no end.
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
    // A carriage return at the end may be half of a line's end: what follows decides.
    const text = remainder + chunk
    const heldBackLength = text.endsWith('\r') ? 1 : 0
    const lines = text.slice(0, text.length - heldBackLength).split(/\r\n|\n|\r/)
    remainder = lines.pop()! + (heldBackLength ? '\r' : '')
    if (remainder.length > MAX_LINE) throw new Error('A line of the stream has no end.')
    return lines.flatMap((line) => parseLine(line) ?? [])
  }
}
