import { isJsonObject, type JsonObject } from './envelope.ts'

/**
 * The JSON text kept with a row: the producer's `metadata` with every field of `data` that has no column put beside it,
 * so that nothing sent is lost. Where both use a name, the field of `data` is kept as `data.<name>`.
 * Integers that a double cannot hold are copied digit by digit from the message's `text`.
 */
export function collectMetadata(data: JsonObject, isStored: (field: string) => boolean, text: string): string {
  const collected = collect(data, isStored)
  if (collected === undefined) return '{}'
  if (!holdsInexactNumber(collected)) return JSON.stringify(collected)
  const exact = JSON.parse(text, keepDigits) as { data: JsonObject }
  return JSON.stringify(collect(exact.data, isStored))
}

function collect(data: JsonObject, isStored: (field: string) => boolean): JsonObject | undefined {
  const { metadata } = data
  let collected: Record<string, unknown> | undefined
  if (isJsonObject(metadata)) collected = metadata
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
  if (typeof value === 'number') return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
  if (typeof value !== 'object' || value === null) return false
  for (const key in value) if (holdsInexactNumber((value as JsonObject)[key])) return true
  return false
}

/** JSON.parse's source text access (ES2025): newer than the library types. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? rawJSON(context.source) : value
}
