/** Fields of the column `metadata`, where a field of `data` is called `data.<name>` if the producer's `metadata` has the same name. */
import type { JsonObject } from '../events/event-envelope.ts'

export const DATA_PREFIX = 'data.'

/** A text, number or boolean as a text. Undefined for the empty text, null, lists and objects, which count as absent. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** The text of a field of `data`, else of the producer's `metadata`. */
export function textOf(metadata: JsonObject, name: string): string | undefined {
  return scalarText(ownValue(metadata, DATA_PREFIX + name)) ?? scalarText(ownValue(metadata, name))
}

export function ownValue(metadata: JsonObject, name: string): unknown {
  return Object.hasOwn(metadata, name) ? metadata[name] : undefined
}
