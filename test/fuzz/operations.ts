import {
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type Schema,
  withoutReferences,
} from '../support/openapi/document.ts'
import type { RunningService } from '../support/process/service.ts'

/** One operation of the document: what the fuzz makes its requests of. */
export interface FuzzOperation {
  readonly path: string
  readonly method: string
  readonly parameters: readonly Parameter[]
  readonly needsToken: boolean
  readonly isDashboard: boolean
  /** Of the JSON body that it takes, if it takes one. */
  readonly bodySchema: Schema | undefined
  readonly responses: Operation['responses']
  /** Media types of the files that it can answer with. */
  readonly fileTypes: readonly string[]
}

/** The document as it is served, with its references replaced. */
export async function servedDocumentOf(service: RunningService): Promise<OpenApiDocument> {
  const { status, text } = await service.get('/docs/json', { authorization: '' })
  if (status !== 200) throw new Error(`/docs/json answers ${status}: ${text.slice(0, 200)}`)
  return withoutReferences(JSON.parse(text) as OpenApiDocument)
}

/** The same without what makes files of its answers. */
export function asJson(operation: FuzzOperation): FuzzOperation {
  return { ...operation, parameters: operation.parameters.filter(({ name }) => name !== 'format' && name !== 'table') }
}

export function operationsOf({ paths }: OpenApiDocument): FuzzOperation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      // Requests bring a credential of their own, and a ticket allows no other.
      parameters: (operation.parameters ?? []).filter(({ name }) => name !== 'ticket'),
      needsToken: operation.security.length > 0,
      isDashboard: operation.tags.includes('Dashboards'),
      bodySchema: operation.requestBody?.content['application/json']?.schema,
      responses: operation.responses,
      fileTypes: Object.keys(operation['x-files'] ?? {}),
    })),
  )
}
