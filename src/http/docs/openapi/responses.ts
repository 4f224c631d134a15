/** The parts of responses that every operation shares: headers, failures and their examples. */
import { EXAMPLE_CORRELATION_ID } from './response-examples.ts'
import type { Components } from './components.ts'
import type { PluginSchema } from './plugin-document.ts'

type Json = Record<string, unknown>

const HEADER_DESCRIPTIONS = {
  CorrelationId: ['x-correlation-id', 'The id of the request, for logs and support.', { type: 'string' }],
  ETag: [
    'ETag',
    'Names this response. Sent back as `If-None-Match`, it is answered with 304 while the numbers are the same.',
    { type: 'string' },
  ],
  Revision: [
    'ETag',
    'Names this version of what is stored. A request that changes or removes it sends it as `If-Match`.',
    { type: 'string' },
  ],
  RetryAfter: ['Retry-After', 'The number of seconds after which to try again.', { type: 'integer', minimum: 1 }],
  ContentDisposition: [
    'Content-Disposition',
    'For files: the name to save the file under, made of the dashboard and the days of its range.',
    { type: 'string' },
  ],
} as const satisfies Readonly<Record<string, readonly [name: string, description: string, schema: object]>>

/** References to the headers of a response, by the names of their components. */
export function describeHeaders(components: Components, ...names: readonly (keyof typeof HEADER_DESCRIPTIONS)[]): Json {
  return Object.fromEntries(
    names.map((component) => {
      const [name, description, schema] = HEADER_DESCRIPTIONS[component]
      return [name, components.reference('headers', component, { description, schema })]
    }),
  )
}

interface ErrorDescription {
  /** The name of the component. */
  readonly name: string
  readonly description: string
  readonly code: string
  readonly message: string
  readonly details?: readonly Json[]
  readonly isRetryable?: true
}

const ERROR_DESCRIPTIONS: Readonly<Record<string, ErrorDescription>> = {
  400: {
    name: 'BadRequest',
    description: 'A parameter is invalid; `details` names each invalid one.',
    code: 'VALIDATION_ERROR',
    message: 'The request has invalid parameters.',
    details: [{ path: 'timeRange', message: 'Expected one of 1d, 7d, 30d, 90d.' }],
  },
  401: {
    name: 'Unauthorized',
    description: 'The request has no valid token or API key, or two different ones.',
    code: 'UNAUTHORIZED',
    message: 'A valid bearer token or API key is required.',
  },
  403: {
    name: 'Forbidden',
    description:
      'The token or API key does not allow this, or the token is for several tenants and none of them was selected.',
    code: 'FORBIDDEN',
    message: 'The token or key lacks the scope analytics:read.',
  },
  413: {
    name: 'PayloadTooLarge',
    description: 'The request body is too large.',
    code: 'PAYLOAD_TOO_LARGE',
    message: 'This request body may hold at most 65536 bytes.',
  },
  415: {
    name: 'UnsupportedMediaType',
    description: 'The request body is not JSON.',
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'The request body has to be application/json in UTF-8.',
  },
  404: {
    name: 'NotFound',
    description: 'Nothing is stored under this id.',
    code: 'NOT_FOUND',
    message: 'There is no event of this contact.',
  },
  409: {
    name: 'Conflict',
    description:
      'What else is stored does not permit this: there are as many as a tenant may have, or others refer to it.',
    code: 'CONFLICT',
    message: 'A tenant may have at most 500 reports. Delete one before.',
  },
  412: {
    name: 'PreconditionFailed',
    description: 'The version that `If-Match` names is not the stored one.',
    code: 'PRECONDITION_FAILED',
    message: 'It was changed since: read it again, and repeat the change with its ETag.',
  },
  428: {
    name: 'PreconditionRequired',
    description: 'The header `If-Match` is missing.',
    code: 'PRECONDITION_REQUIRED',
    message: 'This request needs the header If-Match with the ETag that it changes.',
  },
  429: {
    name: 'TooManyRequests',
    description: 'Too many requests; `Retry-After` says when to try again.',
    code: 'RATE_LIMITED',
    message: 'Too many requests.',
    isRetryable: true,
  },
  500: {
    name: 'InternalServerError',
    description: 'The service failed.',
    code: 'INTERNAL',
    message: 'Something went wrong on our side.',
  },
  503: {
    name: 'ServiceUnavailable',
    description: 'The service or its store is unavailable; `Retry-After` says when to try again.',
    code: 'UNAVAILABLE',
    message: 'The store cannot answer right now. Try again shortly.',
    isRetryable: true,
  },
  504: {
    name: 'GatewayTimeout',
    description: 'The query took too long.',
    code: 'QUERY_TIMEOUT',
    message: 'The query took too long. Ask for a shorter range.',
  },
}

/** A reference to the response of a failure. Throws for a status without a description. */
export function describeErrorResponse(status: string, schema: PluginSchema, components: Components): unknown {
  const failure = ERROR_DESCRIPTIONS[status]
  if (!failure) throw new Error(`The status ${status} has no description.`)
  const { name, description, code, message, details, isRetryable: isRetried } = failure
  const example = {
    success: false,
    error: { code, message, ...(details ? { details } : {}) },
    meta: { correlationId: EXAMPLE_CORRELATION_ID },
  }
  return components.reference('responses', name, {
    description,
    headers: describeHeaders(components, 'CorrelationId', ...(isRetried ? (['RetryAfter'] as const) : [])),
    content: { 'application/json': { schema: components.convertSchema(schema), example } },
  })
}

export function describeNotModified(components: Components): unknown {
  return components.reference('responses', 'NotModified', {
    description: 'The response that `If-None-Match` names is still current.',
    headers: describeHeaders(components, 'CorrelationId', 'ETag'),
  })
}
