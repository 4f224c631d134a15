/**
 * The OpenAPI document: made from the routes' own schemas by `@elysiajs/swagger`, then brought to what OpenAPI 3.0 allows and to what our routes really speak.
 */
import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'
import { API_KEY_HEADER, TENANT_HEADER } from './credential-headers.ts'
import { EXAMPLE_CORRELATION_ID, EXAMPLES } from './examples.ts'
import { describeFiles, FILE_HEADER } from './files/file-docs.ts'
import { LIVE_PATH, TICKET_PARAMETER } from './live-tickets.ts'

type Json = Record<string, unknown>

const DESCRIPTION = `Numbers about messages, campaigns, workflows and sequences, seconds after they happened.

Authorise with a bearer token (JWT) whose \`tenantId\` claim says whose numbers you see, or with an API key, which belongs to one tenant; not with both.
A token with the claim \`tenantIds\` is for several tenants: \`x-tenant-id\` chooses one of them. Every answer carries \`x-correlation-id\`.
A rate is a percentage from 0, rounded to two decimals: opens and clicks are divided by what was delivered, on every endpoint.

Every dashboard is also a file to take away: \`format=csv\` (one table, chosen by \`table\`) or \`format=xlsx\` (all of them), or the media type in \`Accept\`. A token without the
claim \`scope\` reads and exports; with it, and with an API key, JSON needs \`analytics:read\` and files need \`analytics:export\`; \`analytics:admin\` includes both.`

const SPEC_PATH = '/json'

/** The document of the routes, made when it is first asked for. */
export function createDocument(routes: readonly AnyElysia[]): () => Promise<Json> {
  let made: Promise<Json> | undefined
  return () => (made ??= makeDocument(routes))
}

async function makeDocument(routes: readonly AnyElysia[]): Promise<Json> {
  const described = new Elysia().use(
    swagger({
      path: '/page',
      specPath: SPEC_PATH,
      exclude: ['/page', SPEC_PATH],
      documentation: {
        info: {
          title: 'Outreach Analytics',
          version: '1.0.0',
          description: DESCRIPTION,
          license: { name: 'Proprietary' },
        },
        tags: [
          { name: 'Dashboards', description: 'The answers: one endpoint a dashboard.' },
          { name: 'Live', description: 'The answers as they grow.' },
          { name: 'Operations', description: 'For those who run the service.' },
        ],
      },
    }),
  )
  for (const route of routes) described.use(route)
  // Asked for by hand: the framework would have to be set up for requests of its own.
  const { handler } = described.routes.find(({ path }) => path === SPEC_PATH)!
  const document: unknown = await (handler as () => unknown)()
  return refine(JSON.parse(JSON.stringify(document)) as Json)
}

function refine(document: Json): Json {
  const paths = document['paths'] as Record<string, Record<string, Json>>
  for (const operations of Object.values(paths))
    for (const operation of Object.values(operations)) refineOperation(operation)
  return {
    ...document,
    servers: [{ url: '/', description: 'This service' }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A JWT with the claims tenantId (or tenantIds) and exp. An API key may stand here too.',
        },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: API_KEY_HEADER,
          description: 'An API key, for machines.',
        },
        ...(Object.hasOwn(paths, TICKET_PATH) ? { ticket: TICKET_SCHEME } : {}),
      },
    },
  }
}

const TICKET_PATH = `${LIVE_PATH}/ticket`
const TICKET_SCHEME = {
  type: 'apiKey',
  in: 'query',
  name: TICKET_PARAMETER,
  description: `From \`POST ${TICKET_PATH}\`: opens one live stream, where no header can be sent.`,
}

function refineOperation(operation: Json): void {
  const tags = operation['tags'] as string[]
  const isDashboard = tags.includes('Dashboards')
  const isPublic = tags.includes('Operations')
  const all = (operation['parameters'] ?? []) as Json[]
  // Who asks is no parameter of the question.
  const parameters = all.filter(({ name }) => name !== TICKET_PARAMETER)
  const takesTicket = parameters.length < all.length
  operation['security'] = isPublic ? [] : [{ bearer: [] }, { apiKey: [] }, ...(takesTicket ? [{ ticket: [] }] : [])]
  for (const parameter of parameters) {
    delete parameter['examples']
    parameter['schema'] = toOpenApiSchema(parameter['schema'])
  }
  if (!isPublic) operation['parameters'] = [...parameters, TENANT_PARAMETER]
  const responses = operation['responses'] as Record<string, Json>
  for (const [status, response] of Object.entries(responses)) {
    const offered = response['content'] as Record<string, { schema: unknown }> | undefined
    const isStream = operation['operationId'] === 'live' && status === '200'
    const type = isStream ? 'text/event-stream' : 'application/json'
    const content = offered?.[isStream ? 'text/plain' : type]
    const example = status === '200' ? EXAMPLES[String(operation['operationId'])] : FAILURE_EXAMPLES[status]
    responses[status] = {
      description: status === '200' ? response['description'] : FAILURES[status],
      headers: {
        ...CORRELATION_HEADER,
        ...(RETRIED.has(status) ? RETRY_HEADER : {}),
        ...(isDashboard && status === '200' ? { ...ETAG_HEADER, ...FILE_HEADER } : {}),
      },
      content: {
        [type]: { schema: toOpenApiSchema(content?.schema), ...(example === undefined ? {} : { example }) },
        ...(isDashboard && status === '200'
          ? describeFiles(String(operation['operationId']), mainTable(parameters))
          : {}),
      },
    }
  }
  if (operation['operationId'] === 'liveSocket')
    responses['101'] = { description: 'The connection is a WebSocket from here on.', headers: CORRELATION_HEADER }
  if (isDashboard)
    responses['304'] = {
      description: 'The answer that `If-None-Match` names is still the answer.',
      headers: { ...CORRELATION_HEADER, ...ETAG_HEADER },
    }
}

/** The table of a CSV file when none is asked for. */
function mainTable(parameters: readonly Json[]): string {
  const { schema } = parameters.find(({ name }) => name === 'table')!
  return (schema as { default: string }).default
}

/** TypeBox writes JSON Schema of a later draft than OpenAPI 3.0 reads: constants become enumerations, pattern properties additional ones. */
function toOpenApiSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toOpenApiSchema)
  if (typeof schema !== 'object' || schema === null) return schema
  const { const: constant, patternProperties, ...rest } = schema as Json
  const refined: Json = {}
  for (const [key, value] of Object.entries(rest))
    refined[key] = key === 'example' || key === 'enum' ? value : toOpenApiSchema(value)
  if (constant !== undefined) refined['enum'] = [constant]
  const choices = refined['anyOf'] as Json[] | undefined
  if (choices?.every((choice) => choice['type'] === 'string' && Array.isArray(choice['enum']))) {
    delete refined['anyOf']
    refined['type'] = 'string'
    refined['enum'] = choices.flatMap((choice) => choice['enum'] as string[])
  }
  if (patternProperties !== undefined)
    refined['additionalProperties'] = toOpenApiSchema(Object.values(patternProperties as Json)[0])
  return refined
}

const TENANT_PARAMETER = {
  name: TENANT_HEADER,
  in: 'header',
  required: false,
  description:
    'Whose numbers, for a token with the claim `tenantIds`: one of those. Ignored with any other token and with an API key.',
  schema: { type: 'string' },
}

const CORRELATION_HEADER = {
  'x-correlation-id': { description: 'Id of the request, for logs and support.', schema: { type: 'string' } },
}
const ETAG_HEADER = {
  ETag: {
    description:
      'Names this answer; sent back as `If-None-Match`, it is answered by 304 while the numbers are the same.',
    schema: { type: 'string' },
  },
}
const RETRY_HEADER = {
  'Retry-After': {
    description: 'Seconds after which trying again makes sense.',
    schema: { type: 'integer', minimum: 1 },
  },
}
const RETRIED: ReadonlySet<string> = new Set(['429', '503'])

const FAILURES: Readonly<Record<string, string>> = {
  400: 'A parameter is invalid; `details` names each one.',
  401: 'There is no valid token or API key, or there are both.',
  403: 'The token or key does not allow this, or the token is for several tenants and none of them was chosen.',
  429: 'Too many requests; `Retry-After` says when to come again.',
  500: 'Something went wrong on our side.',
  503: 'The service or its store cannot answer right now; `Retry-After` says when to come again.',
  504: 'The query took too long.',
}

const failure = (code: string, message: string, details?: Json[]) => ({
  success: false,
  error: { code, message, ...(details ? { details } : {}) },
  meta: { correlationId: EXAMPLE_CORRELATION_ID },
})

const FAILURE_EXAMPLES: Readonly<Record<string, Json>> = {
  400: failure('VALIDATION_ERROR', 'The request has invalid parameters.', [
    { path: 'timeRange', message: 'Expected one of 1d, 7d, 30d, 90d.' },
  ]),
  401: failure('UNAUTHORIZED', 'A valid bearer token or API key is required.'),
  403: failure('FORBIDDEN', 'The token or key lacks the scope analytics:read.'),
  429: failure('RATE_LIMITED', 'Too many requests.'),
  500: failure('INTERNAL', 'Something went wrong on our side.'),
  503: failure('UNAVAILABLE', 'The store cannot answer right now. Try again shortly.'),
  504: failure('QUERY_TIMEOUT', 'The query took too long. Ask for a shorter range.'),
}
