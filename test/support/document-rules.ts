import { createConfig, lintFromString } from '@redocly/openapi-core'
import type { OpenApiDocument, Operation, Schema } from './document.ts'

/** What is wrong with a document: the recommended rules of OpenAPI and our own, a sentence each; empty when all is well. */
export async function problemsOf(document: OpenApiDocument): Promise<string[]> {
  return [...(await lintProblems(document)), ...houseProblems(document)]
}

async function lintProblems(document: OpenApiDocument): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended'],
    rules: {
      'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: false },
      // Probes take nothing that could be wrong. Where a token is asked for, our own rule below asks for more.
      'operation-4xx-response': 'off',
      // The success of a WebSocket is 101: our own rule below knows.
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

/** What can come back where a token and parameters are asked for. */
const REFUSALS = ['400', '401', '403', '500', '503', '504']

/** What a dashboard may offer beside JSON, and nothing else may. */
const FILE_TYPES = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet']

/** Our own rules: every part is described, JSON is the only content but for dashboards' files, and every success shows an example. */
function houseProblems(document: OpenApiDocument): string[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => operationProblems(`${method} ${path}`, operation)),
  )
}

function operationProblems(at: string, { tags, parameters = [], responses, security }: Operation): string[] {
  const problems: string[] = []
  if (!Object.keys(responses).some((status) => /^(2\d\d|101)$/.test(status))) problems.push(`${at} has no success`)
  if (security.length > 0)
    for (const status of REFUSALS) if (!responses[status]) problems.push(`${at} does not tell of its ${status}`)
  for (const { name, description, schema } of parameters) {
    if (!description) problems.push(`${at}: the parameter ${name} has no description`)
    problems.push(...schemaProblems(`${at}: the parameter ${name}`, schema))
  }
  for (const [status, { description, headers = {}, content = {} }] of Object.entries(responses)) {
    const where = `${at} ${status}`
    if (!description) problems.push(`${where} has no description`)
    for (const [name, header] of Object.entries(headers))
      if (!header.description) problems.push(`${where}: the header ${name} has no description`)
    // An answer without a body.
    if (status === '304' || status === '101') continue
    // What does not end cannot be JSON.
    const { 'application/json': json = content['text/event-stream'], 'text/event-stream': _, ...others } = content
    const files = tags.includes('Dashboards') && status === '200' ? FILE_TYPES : []
    for (const type of Object.keys(others))
      if (!files.includes(type))
        problems.push(`${where} offers ${type}: we speak application/json only, and text/event-stream`)
    for (const type of files) if (!others[type]?.schema?.description) problems.push(`${where} does not offer ${type}`)
    if (!json?.schema) problems.push(`${where} has no schema`)
    else problems.push(...schemaProblems(where, json.schema))
    if (json?.example === undefined) problems.push(`${where} has no example`)
  }
  return problems
}

function schemaProblems(at: string, { properties = {}, items, additionalProperties }: Schema): string[] {
  const problems = Object.entries(properties).flatMap(([name, property]) => [
    ...(property.description ? [] : [`${at}: ${name} has no description`]),
    ...schemaProblems(`${at}: ${name}`, property),
  ])
  if (items) problems.push(...schemaProblems(`${at}[]`, items))
  if (typeof additionalProperties === 'object') problems.push(...schemaProblems(`${at}.*`, additionalProperties))
  return problems
}
