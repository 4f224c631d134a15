import { parseConfig } from '../../../src/config.ts'
import { composeApp } from '../app/compose-app.ts'

export interface OpenApiDocument {
  readonly servers: readonly { readonly url: string }[]
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly securitySchemes: Readonly<Record<string, object>>
  }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly security: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, Response>>
  /** The other formats of a dashboard, by media type. */
  readonly 'x-files'?: Content
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly example?: unknown
  readonly schema: Schema
}

type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>

interface Response {
  readonly description?: string
  readonly headers?: Readonly<Record<string, { readonly description?: string }>>
  readonly content?: Content
}

export interface Schema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly format?: string
  readonly required?: readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
}

/** A document with each reference replaced by its target. */
export function withoutReferences(document: OpenApiDocument): OpenApiDocument {
  const resolve = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolve)
    if (typeof part !== 'object' || part === null) return part
    if ('$ref' in part) return resolve(referredTo(document, part.$ref as string))
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, resolve(value)]))
  }
  return resolve(document) as OpenApiDocument
}

/** The part of a document that a reference such as `#/components/schemas/Overview` names. Throws when there is none. */
export function referredTo(document: object, reference: string): object {
  let place: unknown = document
  for (const step of reference.replace(/^#\//, '').split('/'))
    place = (place as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  if (typeof place !== 'object' || place === null) throw new Error(`The document has no ${reference}.`)
  return place
}

/** The document as the app serves it at `/docs/json`, without a store or a broker. */
export async function servedDocument(
  environment: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<OpenApiDocument> {
  const app = composeApp({ config: parseConfig(environment) })
  const response = await app.handle(new Request('http://localhost/docs/json', { headers }))
  if (response.status !== 200) throw new Error(`/docs/json answers ${response.status}: ${await response.text()}`)
  return (await response.json()) as OpenApiDocument
}
