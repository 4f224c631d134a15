import { isJsonObject, type JsonObject } from './envelope.ts'
import { type ExactNumbers, isNumberText, walking } from './exact-numbers.ts'

/**
 * The JSON text of the `metadata` column: the producer's `metadata` and, beside its fields, every field of `data` that has no column, so that no data is lost. If both
 * contain a name, the field of `data` is stored as `data.<name>`. Numbers keep all their digits. Throws NestedTooDeeply when the call stack does not suffice.
 */
export function collectMetadata(data: JsonObject, isStored: (field: string) => boolean, numbers: ExactNumbers): string {
  const collected = collect(data, isStored)
  if (collected === undefined) return '{}'
  return walking(() => JSON.stringify(numbers.areNeededFor(collected) ? collect(numbers.data, isStored) : collected))
}

function collect(data: JsonObject, isStored: (field: string) => boolean): JsonObject | undefined {
  const { metadata } = data
  let collected: Record<string, unknown> | undefined
  if (isJsonObject(metadata) && !isNumberText(metadata)) collected = metadata
  else if (metadata !== undefined && metadata !== null) collected = { metadata }
  let copied = false
  for (const field of Object.keys(data)) {
    if (field === 'metadata' || isStored(field)) continue
    if (!copied) {
      collected = { ...collected }
      copied = true
    }
    const name = Object.hasOwn(collected!, field) ? `data.${field}` : field
    // An assignment to `__proto__` would set the prototype and lose the value.
    Object.defineProperty(collected, name, { value: data[field], enumerable: true, configurable: true, writable: true })
  }
  return collected
}
