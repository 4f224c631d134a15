import { createConfig, lintFromString } from '@redocly/openapi-core'
import { type OpenApiDocument, type Operation, type Parameter, type Schema, withoutReferences } from './document.ts'
import { mismatchesOf } from './json-schema.ts'

/** One sentence per problem of a document, by the recommended rules of OpenAPI and those of this project; empty without problems. */
export async function problemsOf(document: OpenApiDocument): Promise<string[]> {
  return [...(await lintProblems(document)), ...houseProblems(withoutReferences(document)), ...namingProblems(document)]
}

async function lintProblems(document: OpenApiDocument): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended'],
    rules: {
      'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: false },
      // Health checks have no parameters. For operations with a token the rule below requires more.
      'operation-4xx-response': 'off',
      // The success of a WebSocket is 101: see the rule below.
      'operation-2xx-response': 'off',
      // The licence is our own and has no address.
      'info-license-strict': 'off',
    },
  })
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config })
  return problems.map(({ ruleId, severity, message, location }) => {
    const at = location.map(({ pointer }) => pointer ?? '').join(' ')
    return `${severity} ${ruleId} at ${at}: ${message}`
  })
}

/** The failures of an operation with a token and parameters. */
const REFUSALS = ['400', '401', '403', '500', '503', '504']

/** The files of a dashboard. */
const FILE_TYPES = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet']

/** Project rules: every part is described, no object is closed, JSON is the only content, every parameter and every success has an example. */
function houseProblems(document: OpenApiDocument): string[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => operationProblems(`${method} ${path}`, operation)),
  )
}

function operationProblems(at: string, operation: Operation): string[] {
  const { tags, parameters = [], responses, security, 'x-files': files = {} } = operation
  const problems: string[] = []
  if (!Object.keys(responses).some((status) => /^(2\d\d|101)$/.test(status))) problems.push(`${at} has no success`)
  if (security.length > 0)
    for (const status of REFUSALS) if (!responses[status]) problems.push(`${at} does not tell of its ${status}`)
  for (const parameter of parameters) problems.push(...parameterProblems(at, parameter))
  for (const type of tags.includes('Dashboards') ? FILE_TYPES : [])
    if (!files[type]?.schema?.description) problems.push(`${at} does not offer ${type}`)
  for (const [status, { description, headers = {}, content = {} }] of Object.entries(responses)) {
    const where = `${at} ${status}`
    if (!description) problems.push(`${where} has no description`)
    for (const [name, header] of Object.entries(headers))
      if (!header.description) problems.push(`${where}: the header ${name} has no description`)
    // An answer without a body.
    if (status === '304' || status === '101') continue
    // An endless response cannot be JSON.
    const { 'application/json': json = content['text/event-stream'], 'text/event-stream': _, ...others } = content
    // A generated client would treat the data as one of several types.
    for (const type of Object.keys(others))
      problems.push(`${where} offers ${type}: we speak application/json only, and text/event-stream`)
    if (!json?.schema) problems.push(`${where} has no schema`)
    else problems.push(...schemaProblems(where, json.schema))
    if (json?.example === undefined) problems.push(`${where} has no example`)
  }
  return problems
}

function parameterProblems(at: string, { name, description, example, schema }: Parameter): string[] {
  const where = `${at}: the parameter ${name}`
  return [
    ...(description ? [] : [`${where} has no description`]),
    ...(example === undefined
      ? [`${where} has no example`]
      : mismatchesOf(schema, example, {}, `${where}: its example`)),
    ...schemaProblems(where, schema),
  ]
}

/** Every object has a unique name for generated clients; some generators name the type of a parameter after its operation and its name. */
function namingProblems({ components, paths }: OpenApiDocument): string[] {
  const operations = Object.values(paths).flatMap((each) => Object.values(each))
  // Components already have their names.
  const taken = operations.flatMap(({ operationId, parameters = [] }) =>
    parameters.flatMap((parameter) => ('$ref' in parameter ? [] : `${operationId}${parameter.name}`.toLowerCase())),
  )
  const inline = operations.flatMap(({ operationId, responses }) =>
    Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).flatMap(({ schema }) => propertyProblems(`${operationId} ${status}`, schema ?? {})),
    ),
  )
  return [
    ...Object.entries(components.schemas).flatMap(([name, schema]) => [
      ...propertyProblems(name, schema),
      ...(taken.includes(name.toLowerCase()) ? [`${name} is also what a parameter is called`] : []),
    ]),
    ...inline,
  ]
}

/** The nested schemas of a schema that have no name. */
function propertyProblems(at: string, { properties = {} }: Schema): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const parts = [property, property.items, property.additionalProperties]
    return parts.some((part) => typeof part === 'object' && part.properties)
      ? [`${at}: ${name} is an object without a name`]
      : []
  })
}

function schemaProblems(at: string, { properties = {}, items, additionalProperties }: Schema): string[] {
  const problems = Object.entries(properties).flatMap(([name, property]) => [
    ...(property.description ? [] : [`${at}: ${name} has no description`]),
    ...schemaProblems(`${at}: ${name}`, property),
  ])
  // Fields may be added to responses: clients that validate must let them pass.
  if (additionalProperties === false) problems.push(`${at} is closed`)
  if (items) problems.push(...schemaProblems(`${at}[]`, items))
  if (typeof additionalProperties === 'object') problems.push(...schemaProblems(`${at}.*`, additionalProperties))
  return problems
}
