import type { OpenApiDocument, Operation, Parameter, Schema } from '../support/document.ts'
import type { RunningService } from '../support/service.ts'

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
}

export async function servedDocumentOf(service: RunningService): Promise<OpenApiDocument> {
  const { status, text } = await service.get('/docs/json', { authorization: '' })
  if (status !== 200) throw new Error(`/docs/json answers ${status}: ${text.slice(0, 200)}`)
  return JSON.parse(text) as OpenApiDocument
}

/** The same without what makes files of its answers. */
export function asJson(operation: FuzzOperation): FuzzOperation {
  return { ...operation, parameters: operation.parameters.filter(({ name }) => name !== 'format' && name !== 'table') }
}

export function operationsOf({ paths }: OpenApiDocument): FuzzOperation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { parameters = [], security, tags, requestBody, responses }]) => ({
      path,
      method: method.toUpperCase(),
      parameters,
      needsToken: security.length > 0,
      isDashboard: tags.includes('Dashboards'),
      bodySchema: requestBody?.content['application/json']?.schema,
      responses,
    })),
  )
}
