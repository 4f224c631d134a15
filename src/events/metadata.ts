import { isJsonObject, type JsonObject } from './envelope.ts'

/**
 * The JSON text kept with a row: the producer's `metadata` with every field of `data` that has no column put beside it,
 * so that nothing sent is lost. Where both use a name, the field of `data` is kept as `data.<name>`.
 * Numbers that would come out otherwise (integers beyond 2^53, -0, beyond a double's range) are copied digit by digit from the message's `text`.
 * Undefined when it is nested too deeply for the runtime to write it again.
 */
export function collectMetadata(
  data: JsonObject,
  isStored: (field: string) => boolean,
  text: string,
): string | undefined {
  try {
    return writeMetadata(data, isStored, text)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function writeMetadata(data: JsonObject, isStored: (field: string) => boolean, text: string): string {
  const collected = collect(data, isStored)
  if (collected === undefined) return '{}'
  if (!holdsInexactNumber(collected)) return JSON.stringify(collected)
  const exact = JSON.parse(text, keepDigits) as { data: JsonObject }
  return JSON.stringify(collect(exact.data, isStored))
}

function collect(data: JsonObject, isStored: (field: string) => boolean): JsonObject | undefined {
  const { metadata } = data
  let collected: Record<string, unknown> | undefined
  if (isJsonObject(metadata) && !isRawJSON(metadata)) collected = metadata
  else if (metadata !== undefined && metadata !== null) collected = { metadata }
  let copied = false
  for (const field of Object.keys(data)) {
    if (field === 'metadata' || isStored(field)) continue
    if (!copied) {
      collected = { ...collected }
      copied = true
    }
    const name = Object.hasOwn(collected!, field) ? `data.${field}` : field
    // A plain assignment to `__proto__` would set the prototype and lose the value.
    Object.defineProperty(collected, name, { value: data[field], enumerable: true, configurable: true, writable: true })
  }
  return collected
}

function holdsInexactNumber(value: unknown): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || Object.is(value, -0) || (Number.isInteger(value) && !Number.isSafeInteger(value))
  if (typeof value !== 'object' || value === null) return false
  for (const key in value) if (holdsInexactNumber((value as JsonObject)[key])) return true
  return false
}

/** JSON.parse's source text access (ES2025): newer than the library types. */
const { rawJSON, isRawJSON } = JSON as unknown as { rawJSON(text: string): unknown; isRawJSON(value: unknown): boolean }

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? rawJSON(context.source) : value
}
