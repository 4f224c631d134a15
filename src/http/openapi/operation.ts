import type { TObject, TSchema } from '@sinclair/typebox'
import { EXAMPLES } from '../examples.ts'
import { describeFiles } from '../files/file-docs.ts'
import type { Components } from './components.ts'
import { type Parameter, queryParameters, TENANT_PARAMETER } from './parameters.ts'
import { describeFailure, describeHeaders, describeNotModified } from './responses.ts'

type Json = Record<string, unknown>

/** What the document reads of a route: its hooks as they were given to the framework. */
export interface RouteHooks {
  readonly query?: TObject
  readonly response?: Readonly<Record<string, TSchema>>
  readonly detail?: {
    readonly hide?: boolean
    readonly operationId?: string
    readonly tags?: readonly string[]
    readonly summary?: string
    readonly description?: string
  }
}

export interface Operation extends Json {
  parameters?: unknown[]
}

/** A route as an operation of the document. */
export function describeOperation(
  { query, response = {}, detail = {} }: RouteHooks,
  components: Components,
): Operation {
  const { operationId = '', tags = [], summary, description } = detail
  const isDashboard = tags.includes('Dashboards')
  const isPublic = tags.includes('Operations')
  const parameters = queryParameters(query, components)
  if (!isPublic) parameters.push(TENANT_PARAMETER)
  const responses: Json = {}
  for (const [status, schema] of Object.entries(response))
    responses[status] =
      status === '200'
        ? describeSuccess(operationId, schema, isDashboard, components)
        : describeFailure(status, schema, components)
  if (operationId === 'liveSocket')
    responses['101'] = {
      description: 'The connection is a WebSocket from now on.',
      headers: describeHeaders(components, 'CorrelationId'),
    }
  if (isDashboard) responses['304'] = describeNotModified(components)
  return {
    operationId,
    tags,
    summary,
    description,
    security: isPublic ? [] : [{ bearer: [] }, { apiKey: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    responses,
    // Not among the contents of the 200: generated clients would type the data as a union of three media types.
    ...(isDashboard ? { 'x-files': describeFiles(operationId, mainTableOf(parameters)) } : {}),
  }
}

function describeSuccess(operationId: string, schema: TSchema, isDashboard: boolean, components: Components): Json {
  const type = operationId === 'live' ? 'text/event-stream' : 'application/json'
  return {
    description: schema.description,
    headers: describeHeaders(
      components,
      'CorrelationId',
      ...(isDashboard ? (['ETag', 'ContentDisposition'] as const) : []),
    ),
    content: { [type]: { schema: components.schema(schema), example: EXAMPLES[operationId] } },
  }
}

/** The table of a CSV file when none is asked for. */
function mainTableOf(parameters: readonly Parameter[]): string {
  const { schema } = parameters.find(({ name }) => name === 'table')!
  return (schema as { readonly default: string }).default
}
