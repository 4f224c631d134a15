import { type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'

/** A whole number as people write it: no sign, exponent, space, leading zero. */
const INTEGER = /^(0|[1-9]\d{0,9})$/

/** So many mistakes are named at once: a few kilobytes of them must not come back as a megabyte. */
const MAX_DETAILS = 20

/**
 * The query parameters of a request, by their schema and one strict rule: each parameter at most once, only known ones, texts as they are, integers in plain
 * digits, escapes that are none refused. Throws a VALIDATION_ERROR that names every parameter that is wrong, the first twenty.
 */
function parseParameters(request: Request, schema: TObject): Record<string, unknown> {
  const details: FailureDetail[] = []
  const parsed: Record<string, unknown> = {}
  const known = schema.properties as Record<string, TSchema & { type?: string }>
  for (const { path, text } of parsePairs(new URL(request.url).search)) {
    const property = Object.hasOwn(known, path) ? known[path] : undefined
    if (!property) details.push({ path, message: unknownParameterMessage(Object.keys(known)) })
    else if (Object.hasOwn(parsed, path)) details.push({ path, message: 'Given more than once.' })
    else parsed[path] = property.type === 'integer' && text !== undefined && INTEGER.test(text) ? Number(text) : text
  }
  for (const [path, value] of Object.entries(parsed)) {
    if (value === undefined) details.push({ path, message: 'Expected percent-encoded UTF-8.' })
    else if (!Value.Check(known[path]!, value)) details.push({ path, message: expectedValueMessage(known[path]!) })
  }
  if (details.length > 0)
    throw new ApiFailure('VALIDATION_ERROR', 'The request has invalid parameters.', details.slice(0, MAX_DETAILS))
  return parsed
}

/** The pairs of a query string; a text is undefined when its escapes are wrong, where the URL standard would guess. */
function parsePairs(search: string): { path: string; text: string | undefined }[] {
  const pairs = search.slice(1).split('&').filter(Boolean)
  return pairs.map((pair) => {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? []
    return { path: decode(name) ?? name, text: decode(value) }
  })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function unknownParameterMessage(known: readonly string[]): string {
  if (known.length === 0) return 'Unknown parameter. There are no parameters here.'
  return `Unknown parameter. Known parameters: ${known.join(', ')}.`
}

function expectedValueMessage(schema: TSchema): string {
  if (TypeGuard.IsUnion(schema))
    return `Expected one of ${schema.anyOf.map((choice) => choice.const as string).join(', ')}.`
  if (schema['type'] === 'integer') return `Expected a whole number from ${schema['minimum']} to ${schema['maximum']}.`
  const { minLength = 0, maxLength } = schema as { minLength?: number; maxLength?: number }
  if (maxLength === undefined)
    return `Expected text of at least ${minLength} ${minLength === 1 ? 'character' : 'characters'}.`
  return `Expected text of ${minLength} to ${maxLength} characters.`
}

/** The same as a route's hook: what follows, the framework's own validation included, sees the parameters as they were read here. */
export function strictQuery(schema: TObject) {
  return (context: { request: Request; query: unknown }): void => {
    context.query = parseParameters(context.request, schema)
  }
}
