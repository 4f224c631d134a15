import { REQUEST_EXAMPLES } from './request-examples.ts'
import { RESPONSE_EXAMPLES } from './response-examples.ts'
import { describeExports, FILES } from './exports.ts'
import type { Components } from './components.ts'
import { describeParameter, type Parameter, REVISION_PARAMETER, TENANT_PARAMETER } from './parameters.ts'
import { type PluginOperation, type PluginResponse, schemaOf } from './plugin-document.ts'
import { describeErrorResponse, describeHeaders, describeNotModified } from './responses.ts'

type Json = Record<string, unknown>

export interface Operation extends Json {
  parameters?: unknown[]
}

/** Operations besides dashboards that answer with 304 to a client that has the response already. */
const REVALIDATED: ReadonlySet<string> = new Set(['query', 'funnel', 'cohorts'])

/** Operations that answer with one definition, whose version the header `ETag` names. */
const REVISIONED: ReadonlySet<string> = new Set(
  ['Report', 'Schedule', 'Alert'].flatMap((name) => [`create${name}`, name.toLowerCase(), `change${name}`]),
)

/** An operation as the plugin describes it, completed, with references to the parts that operations share. */
export function describeOperation(
  { operationId, tags = [], summary, description, ...plain }: PluginOperation,
  components: Components,
): Operation {
  const isDashboard = tags.includes('Dashboards')
  const isPublic = tags.includes('Operations')
  const parameters = (plain.parameters ?? []).map((parameter) => describeParameter(parameter, components))
  if (!isPublic) parameters.push(TENANT_PARAMETER)
  // A status for a request without it.
  if ('428' in plain.responses) parameters.push(REVISION_PARAMETER)
  const responses: Json = {}
  for (const [status, response] of Object.entries(plain.responses))
    responses[status] = status.startsWith('2')
      ? describeSuccess(operationId, response, isDashboard, components)
      : describeErrorResponse(status, schemaOf(response), components)
  if (operationId === 'liveSocket')
    responses['101'] = {
      description: 'The connection is a WebSocket from now on.',
      headers: describeHeaders(components, 'CorrelationId'),
    }
  if (isDashboard || REVALIDATED.has(operationId)) responses['304'] = describeNotModified(components)
  return {
    operationId,
    tags,
    summary,
    description,
    security: isPublic ? [] : [{ bearer: [] }, { apiKey: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(plain.requestBody ? { requestBody: describeBody(operationId, plain.requestBody, components) } : {}),
    responses,
    // Not in the content of the 200 response, because generated clients would type the data as a union of three media types.
    ...(isDashboard ? { 'x-files': describeExports(operationId, mainTableOf(parameters)) } : {}),
    ...(Object.hasOwn(FILES, operationId) ? { 'x-files': FILES[operationId] } : {}),
  }
}

function describeBody(
  operationId: string,
  { content }: NonNullable<PluginOperation['requestBody']>,
  components: Components,
): Json {
  const type = 'application/json'
  const schema = components.convertSchema(content[type]!.schema)
  return { required: true, content: { [type]: { schema, example: REQUEST_EXAMPLES[operationId] } } }
}

function describeSuccess(
  operationId: string,
  response: PluginResponse,
  isDashboard: boolean,
  components: Components,
): Json {
  const type = operationId === 'live' ? 'text/event-stream' : 'application/json'
  return {
    description: response.description,
    headers: describeHeaders(
      components,
      'CorrelationId',
      ...(isDashboard ? (['ETag', 'ContentDisposition'] as const) : []),
      ...(REVISIONED.has(operationId) ? (['Revision'] as const) : []),
    ),
    content: {
      [type]: { schema: components.convertSchema(schemaOf(response)), example: RESPONSE_EXAMPLES[operationId] },
    },
  }
}

/** The table of a CSV file for a request that names none. */
function mainTableOf(parameters: readonly Parameter[]): string {
  const { schema } = parameters.find(({ name }) => name === 'table')!
  return (schema as { readonly default: string }).default
}
