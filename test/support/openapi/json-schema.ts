import { referredTo, type Schema } from './document.ts'

/** The keywords that the document uses, and annotations without a rule. */
const KNOWN = new Set([
  ...['type', 'enum', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'format', 'required', 'anyOf', '$ref'],
  ...[
    'properties',
    'items',
    'minItems',
    'maxItems',
    'additionalProperties',
    'description',
    'default',
    'example',
    'title',
    'nullable',
  ],
])

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

type Fields = Readonly<Record<string, unknown>>

/**
 * The differences between a value and a schema of an OpenAPI document, as sentences; empty when it is valid. `root` is the document, for its references. Throws for an
 * unknown keyword, because ignoring it would hide differences. It is stricter than the document in one respect: the document leaves its objects open for later fields,
 * but the current responses must be described completely. An object with properties therefore has no others.
 */
export function mismatchesOf(schema: Schema, value: unknown, root: object = {}, path = 'body'): string[] {
  const unknown = Object.keys(schema).find((keyword) => !KNOWN.has(keyword))
  if (unknown !== undefined) throw new Error(`The check of schemas does not know the keyword ${unknown} of ${path}.`)
  if (schema.$ref !== undefined) return mismatchesOf(referredTo(root, schema.$ref), value, root, path)
  if (value === null && 'nullable' in schema && schema.nullable === true) return []
  if (schema.anyOf && schema.anyOf.every((choice) => mismatchesOf(choice, value, root, path).length > 0))
    return [`${path} is none of its choices: ${shown(value)}`]
  if (schema.enum && !schema.enum.includes(value))
    return [`${path} is ${shown(value)}, not one of ${shown(schema.enum)}`]
  if (schema.type !== undefined && !isOfType(schema.type, value))
    return [`${path} is no ${schema.type}: ${shown(value)}`]
  if (typeof value === 'number') return numberMismatches(schema, value, path)
  if (typeof value === 'string') return textMismatches(schema, value, path)
  if (Array.isArray(value)) {
    const { items, minItems = 0, maxItems = Infinity } = schema
    if (value.length < minItems || value.length > maxItems) return [`${path} has ${value.length} items`]
    return items ? value.flatMap((item, index) => mismatchesOf(items, item, root, `${path}[${index}]`)) : []
  }
  return typeof value === 'object' && value !== null ? fieldMismatches(schema, value as Fields, root, path) : []
}

function fieldMismatches(schema: Schema, value: Fields, root: object, path: string): string[] {
  const { properties = {}, required = [], additionalProperties = schema.properties === undefined } = schema
  const missing = required.filter((name) => value[name] === undefined).map((name) => `${path}.${name} is missing`)
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const at = `${path}.${name}`
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (own) return mismatchesOf(own, field, root, at)
    if (typeof additionalProperties === 'object') return mismatchesOf(additionalProperties, field, root, at)
    return additionalProperties ? [] : [`${at} is not in the document`]
  })
  return [...missing, ...wrong]
}

function numberMismatches({ minimum, maximum }: Schema, value: number, path: string): string[] {
  if (minimum !== undefined && value < minimum) return [`${path} is ${value}, below ${minimum}`]
  return maximum !== undefined && value > maximum ? [`${path} is ${value}, above ${maximum}`] : []
}

function textMismatches({ minLength, maxLength, pattern, format }: Schema, value: string, path: string): string[] {
  if (minLength !== undefined && value.length < minLength)
    return [`${path} is shorter than ${minLength}: ${shown(value)}`]
  if (maxLength !== undefined && value.length > maxLength)
    return [`${path} is longer than ${maxLength}: ${shown(value)}`]
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    return [`${path} does not match ${pattern}: ${shown(value)}`]
  const isInstant = INSTANT.test(value) && Number.isFinite(Date.parse(value))
  return format === 'date-time' && !isInstant ? [`${path} is no date-time: ${shown(value)}`] : []
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'number') return Number.isFinite(value)
  return typeof value === type
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? String(value)
}
