import {
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type Schema,
  withoutReferences,
} from '../support/openapi/document.ts'
import type { RunningService } from '../support/process/service.ts'

/** One operation of the document, from which requests are generated. */
export interface FuzzOperation {
  readonly path: string
  readonly method: string
  readonly parameters: readonly Parameter[]
  readonly needsToken: boolean
  readonly isDashboard: boolean
  /** The schema of the JSON body, if the operation has one. */
  readonly bodySchema: Schema | undefined
  readonly responses: Operation['responses']
  /** Media types of the files that the operation can send. */
  readonly fileTypes: readonly string[]
}

/** The document as the service sends it, with resolved references. */
export async function servedDocumentOf(service: RunningService): Promise<OpenApiDocument> {
  const { status, text } = await service.get('/docs/json', { authorization: '' })
  if (status !== 200) throw new Error(`/docs/json answers ${status}: ${text.slice(0, 200)}`)
  return withoutReferences(JSON.parse(text) as OpenApiDocument)
}

/** The parameters without those that select a file. */
export function asJson(operation: FuzzOperation): FuzzOperation {
  return { ...operation, parameters: operation.parameters.filter(({ name }) => name !== 'format' && name !== 'table') }
}

export function operationsOf({ paths }: OpenApiDocument): FuzzOperation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      // Each request has its own credential, and a ticket excludes any other.
      parameters: (operation.parameters ?? []).filter(({ name }) => name !== 'ticket'),
      needsToken: operation.security.length > 0,
      isDashboard: operation.tags.includes('Dashboards'),
      bodySchema: operation.requestBody?.content['application/json']?.schema,
      responses: operation.responses,
      fileTypes: Object.keys(operation['x-files'] ?? {}),
    })),
  )
}
