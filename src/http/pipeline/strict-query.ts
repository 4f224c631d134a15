import { type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'

/** A whole number without sign, exponent, spaces or leading zeros. */
const INTEGER = /^(0|[1-9]\d{0,9})$/

/** The most mistakes in one response: a request of a few kilobytes must not cause a response of a megabyte. */
const MAX_DETAILS = 20

/**
 * The query parameters of a request by their schema, parsed strictly: known parameters only, each at most once, texts unchanged, integers in plain digits, invalid escapes
 * refused. Throws a VALIDATION_ERROR that names the invalid parameters, at most twenty.
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
    else details.push(...valueMistakes(path, value, known[path]!))
  }
  if (details.length > 0)
    throw new ApiFailure('VALIDATION_ERROR', 'The request has invalid parameters.', details.slice(0, MAX_DETAILS))
  return parsed
}

/** What is wrong with parameters that a JSON body holds: known ones only, whole numbers as numbers. */
export function parameterMistakes(parameters: Readonly<Record<string, unknown>>, schema: TObject): FailureDetail[] {
  const known = schema.properties as Record<string, TSchema>
  return Object.entries(parameters).flatMap(([path, value]) =>
    Object.hasOwn(known, path)
      ? valueMistakes(path, value, known[path]!)
      : [{ path, message: unknownParameterMessage(Object.keys(known)) }],
  )
}

function valueMistakes(path: string, value: unknown, schema: TSchema): FailureDetail[] {
  return Value.Check(schema, value) ? [] : [{ path, message: expectedValueMessage(schema) }]
}

/** The pairs of a query string. A text is undefined when its escapes are invalid; the URL standard would accept them. */
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

/** The same as a hook of a route: the framework's validation and the route receive the parameters as they are parsed here. */
export function strictQuery(schema: TObject) {
  return (context: { request: Request; query: unknown }): void => {
    context.query = parseParameters(context.request, schema)
  }
}
