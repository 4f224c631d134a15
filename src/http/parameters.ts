import { type Static, type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { ApiFailure, type FailureDetail } from '../errors.ts'

/** A whole number as people write it: no sign, exponent, space, leading zero. */
const INTEGER = /^(0|[1-9]\d{0,9})$/

/**
 * The query parameters of a request, by their schema and one strict rule: each parameter at most once, only known ones, texts as they are, integers in plain
 * digits. Throws a VALIDATION_ERROR that names every parameter that is wrong.
 */
function parseParameters<Schema extends TObject>(request: Request, schema: Schema): Static<Schema> {
  const details: FailureDetail[] = []
  const parsed: Record<string, unknown> = {}
  const known = schema.properties as Record<string, TSchema & { type?: string }>
  for (const [path, text] of new URL(request.url).searchParams) {
    const property = Object.hasOwn(known, path) ? known[path] : undefined
    if (!property) details.push({ path, message: `Unknown parameter. Known are ${Object.keys(known).join(', ')}.` })
    else if (Object.hasOwn(parsed, path)) details.push({ path, message: 'Given more than once.' })
    else parsed[path] = property.type === 'integer' && INTEGER.test(text) ? Number(text) : text
  }
  for (const [path, value] of Object.entries(parsed))
    if (!Value.Check(known[path]!, value) || (typeof value === 'string' && !value.isWellFormed()))
      details.push({ path, message: expectation(known[path]!) })
  if (details.length > 0) throw new ApiFailure('VALIDATION_ERROR', 'The request has invalid parameters.', details)
  return parsed as Static<Schema>
}

function expectation(schema: TSchema): string {
  if (TypeGuard.IsUnion(schema))
    return `Expected one of ${schema.anyOf.map((choice) => choice.const as string).join(', ')}.`
  if (schema['type'] === 'integer') return `Expected a whole number from ${schema['minimum']} to ${schema['maximum']}.`
  return `Expected a text of ${schema['minLength'] ?? 0} to ${schema['maxLength']} characters.`
}

/** The same as a route's hook: what follows, the framework's own validation included, sees the parameters as they were read here. */
export function readStrictly<Schema extends TObject>(schema: Schema) {
  return (context: { request: Request; query: unknown }): void => {
    context.query = parseParameters(context.request, schema)
  }
}
