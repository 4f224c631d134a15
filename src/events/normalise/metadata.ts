import { isJsonObject, type JsonObject } from '../event-envelope.ts'
import { type ExactNumbers, isRawNumber, withDepthCheck } from './exact-numbers.ts'
import { namesOfSameInput } from '../input-names.ts'

/**
 * The JSON text of the `metadata` column: the producer's `metadata` and, beside its fields, every field of `data` that has no column, so that no data is lost. If both
 * contain a name, or two names of the same input, the field of `data` is stored as `data.<name>`. Numbers keep all their digits. Throws NestedTooDeeply when the call stack
 * does not suffice.
 */
export function collectMetadata(
  data: JsonObject,
  hasColumn: (field: string) => boolean,
  numbers: ExactNumbers,
): string {
  const collected = collectFields(data, hasColumn)
  if (collected === undefined) return '{}'
  return withDepthCheck(() =>
    JSON.stringify(numbers.losesPrecision(collected) ? collectFields(numbers.data, hasColumn) : collected),
  )
}

function collectFields(data: JsonObject, hasColumn: (field: string) => boolean): JsonObject | undefined {
  const { metadata } = data
  let collected: Record<string, unknown> | undefined
  if (isJsonObject(metadata) && !isRawNumber(metadata)) collected = metadata
  else if (metadata !== undefined && metadata !== null) collected = { metadata }
  const own = collected
  let isCopied = false
  for (const field of Object.keys(data)) {
    if (field === 'metadata' || hasColumn(field)) continue
    if (!isCopied) {
      collected = { ...collected }
      isCopied = true
    }
    const name = Object.hasOwn(collected!, field) || hasSameInput(own, field) ? `data.${field}` : field
    // An assignment to `__proto__` would set the prototype and lose the value.
    Object.defineProperty(collected, name, { value: data[field], enumerable: true, configurable: true, writable: true })
  }
  return collected
}

function hasSameInput(metadata: JsonObject | undefined, field: string): boolean {
  return metadata !== undefined && namesOfSameInput(field)?.some((name) => Object.hasOwn(metadata, name)) === true
}
