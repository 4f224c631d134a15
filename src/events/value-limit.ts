/** So many values an event may hold, objects and lists counted. What is done with each value costs far more than its two bytes. */
const MAX_VALUES = 10_000
/** A value and the comma behind it. */
const MIN_VALUE_BYTES = 2

const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, OPEN_OBJECT] = ['"', ',', '[', '\\', '{'].map((text) => text.charCodeAt(0))

/** Whether JSON holds more values than an event may. Reads bytes, and no further than it has to: parsing them is what it saves. */
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
    else if ((byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) && ++count > MAX_VALUES) return true
  }
  return false
}
