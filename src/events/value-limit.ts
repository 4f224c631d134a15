/** The maximum number of JSON values in an event, including objects and arrays. Processing a value costs far more than its two bytes. */
export const MAX_VALUES = 10_000
/** A value and the comma after it. */
const MIN_VALUE_BYTES = 2

const [QUOTE, COMMA, OPEN_ARRAY, BACKSLASH, OPEN_OBJECT] = ['"', ',', '[', '\\', '{'].map((text) => text.charCodeAt(0))

/** Whether the JSON contains more values than an event may have. It scans the bytes only as far as necessary, before anything is parsed. */
export function hasTooManyValues(json: Uint8Array): boolean {
  if (json.byteLength < MAX_VALUES * MIN_VALUE_BYTES) return false
  let count = 1
  let isInString = false
  for (let offset = 0; offset < json.length; offset++) {
    const byte = json[offset]
    if (isInString) {
      if (byte === BACKSLASH) offset++
      else if (byte === QUOTE) isInString = false
    } else if (byte === QUOTE) isInString = true
    else if ((byte === COMMA || byte === OPEN_ARRAY || byte === OPEN_OBJECT) && ++count > MAX_VALUES) return true
  }
  return false
}
