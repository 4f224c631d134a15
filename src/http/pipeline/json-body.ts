/** Bodies of requests: JSON objects by a schema, read strictly. */
import { type Static, type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import { Value, ValueErrorType } from '@sinclair/typebox/value'
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'
import { requireScope } from '../auth/authenticator.ts'
import type { Scope } from '../auth/scopes.ts'
import { authenticatedContextOf } from './request-context.ts'

const MAX_BODY_BYTES = 65_536
/** The most mistakes in one response. */
const MAX_DETAILS = 20
const JSON_TYPE = /^application\/json\s*(?:;\s*charset=(?:utf-8|"utf-8")\s*)?$/i

/** `readJsonBody` as a hook of a route, for credentials with a scope. The route has the option `parse: 'none'`, so that the framework does not read the body before. */
export function strictBody(schema: TObject, scope: Scope) {
  return async (context: { readonly request: Request; body: unknown }): Promise<void> => {
    requireScope(authenticatedContextOf(context.request).principal, scope)
    context.body = await readJsonBody(context.request, schema)
  }
}

/**
 * The body of a request, by its schema: an object with the fields of the schema only, at most 64 KiB. Throws PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, or a VALIDATION_ERROR whose details have the paths of the invalid fields, such as
 * `filter.and[0].values`.
 */
export async function readJsonBody<Schema extends TObject>(request: Request, schema: Schema): Promise<Static<Schema>> {
  if (!JSON_TYPE.test(request.headers.get('content-type')?.trim() ?? ''))
    throw new ApiFailure('UNSUPPORTED_MEDIA_TYPE', 'The request body has to be application/json in UTF-8.')
  if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES) throw bodyTooLarge()
  const bytes = await request.arrayBuffer()
  if (bytes.byteLength > MAX_BODY_BYTES) throw bodyTooLarge()
  const value = parseJson(bytes)
  const details = [...findInvalidTexts(value, ''), ...findSchemaErrors(value, schema)]
  if (details.length > 0) throw invalidBody(details)
  return value as Static<Schema>
}

/** A VALIDATION_ERROR about fields of a body, at most twenty of them. */
export function invalidBody(details: readonly FailureDetail[]): ApiFailure {
  return new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', details.slice(0, MAX_DETAILS))
}

function bodyTooLarge(): ApiFailure {
  return new ApiFailure('PAYLOAD_TOO_LARGE', `This request body may hold at most ${MAX_BODY_BYTES} bytes.`)
}

function parseJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalidBody([{ path: 'body', message: 'Expected JSON in UTF-8.' }])
  }
}

/** Texts and names with half of a surrogate pair, which UTF-8 cannot encode: another text would be looked for. */
function findInvalidTexts(value: unknown, path: string): FailureDetail[] {
  if (typeof value === 'string')
    return value.isWellFormed() ? [] : [{ path: path || 'body', message: 'Expected valid Unicode.' }]
  if (Array.isArray(value)) return value.flatMap((item, index) => findInvalidTexts(item, `${path}[${index}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, field]) => findInvalidTexts(field, joinPath(path, name)))
}

/** What is wrong with a value by the schema of a body, with the paths of the invalid fields. */
export function findSchemaErrors(value: unknown, schema: TObject): FailureDetail[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [{ path: 'body', message: 'Expected a JSON object.' }]
  const details: FailureDetail[] = []
  for (const error of Value.Errors(schema, value)) {
    if (details.length >= MAX_DETAILS) break
    const path = readablePath(error.path)
    // A missing field is also reported as a value of the wrong type.
    if (details.some((detail) => detail.path === path)) continue
    const isUnknown = error.type === ValueErrorType.ObjectAdditionalProperties
    details.push({ path, message: isUnknown ? unknownFieldMessage(error.schema) : expectedMessage(error.schema) })
  }
  return details
}

/** A JSON pointer as it is written in a program: `/having/0/value` → `having[0].value`. */
function readablePath(pointer: string): string {
  const parts = pointer.split('/').slice(1)
  return parts
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~').toWellFormed().slice(0, 100))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : joinPath(path, part)), '')
}

function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function unknownFieldMessage(schema: TSchema): string {
  const known = TypeGuard.IsObject(schema) ? Object.keys(schema.properties) : []
  return `Unknown field. Known fields: ${known.join(', ')}.`
}

function expectedMessage(schema: TSchema): string {
  return `Expected ${describeSchema(schema)}.`
}

function describeSchema(schema: TSchema): string {
  if (TypeGuard.IsUnion(schema)) {
    const texts = schema.anyOf.flatMap((choice) => (TypeGuard.IsLiteral(choice) ? [String(choice.const)] : []))
    if (texts.length === schema.anyOf.length) return `one of ${texts.join(', ')}`
    return schema.anyOf.map(describeSchema).join(' or ')
  }
  if (TypeGuard.IsLiteral(schema)) return JSON.stringify(schema.const)
  if (TypeGuard.IsArray(schema)) return `a list of ${describeBounds(schema['minItems'], schema['maxItems'])} items`
  if (TypeGuard.IsString(schema) && schema.pattern !== undefined && Array.isArray(schema['examples']))
    return `text such as ${schema['examples'].join(', ')}`
  if (TypeGuard.IsString(schema)) return `text of ${describeBounds(schema.minLength, schema.maxLength)} characters`
  if (TypeGuard.IsInteger(schema)) return `a whole number (${describeBounds(schema.minimum, schema.maximum)})`
  if (TypeGuard.IsObject(schema)) {
    const names = Object.keys(schema.properties)
    return names.length === 0 ? 'an object' : `an object with the fields ${names.join(', ')}`
  }
  if (TypeGuard.IsBoolean(schema)) return 'true or false'
  if (TypeGuard.IsNull(schema)) return 'null'
  const { minimum, maximum } = schema as { readonly minimum?: number; readonly maximum?: number }
  return minimum === undefined && maximum === undefined ? 'a number' : `a number (${describeBounds(minimum, maximum)})`
}

function describeBounds(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`
  if (minimum !== undefined) return `at least ${minimum}`
  return maximum === undefined ? 'any number of' : `at most ${maximum}`
}
