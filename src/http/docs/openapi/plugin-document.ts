import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'

/** A document as `@elysiajs/swagger` makes it from the schemas of the routes, without shared components. */
export interface PluginDocument extends Readonly<Record<string, unknown>> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, PluginOperation>>>>
}

export interface PluginOperation {
  readonly operationId: string
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly PluginParameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: PluginSchema }>> }
  readonly responses: Readonly<Record<string, PluginResponse>>
}

export interface PluginParameter {
  readonly name: string
  readonly in: 'query' | 'header' | 'path'
  readonly required: boolean
  readonly description?: string
  /** The examples of JSON Schema, which differ from those of OpenAPI. */
  readonly examples?: readonly unknown[]
  readonly schema: PluginSchema
}

export interface PluginSchema extends Readonly<Record<string, unknown>> {
  readonly anyOf?: readonly PluginSchema[]
}

export interface PluginResponse {
  readonly title?: string
  readonly description?: string
  /** By media type. The plugin names several, all with the same schema. */
  readonly content?: Readonly<Record<string, { readonly schema: PluginSchema }>>
}

const SPEC_PATH = '/json'

/** The plugin's document of the routes. `documentation` is the rest of the document. */
export function pluginDocument(routes: readonly AnyElysia[], documentation: object): PluginDocument {
  const plugin = new Elysia().use(swagger({ specPath: SPEC_PATH, documentation }))
  for (const route of routes) plugin.use(route)
  // The handler is called directly: for a request, the framework would compile the route by generating code, which an edge runtime forbids.
  const { handler } = plugin.routes.find(({ path }) => path === SPEC_PATH)!
  return (handler as () => unknown)() as PluginDocument
}

/** The schema of a response's JSON, with the title and the description that the plugin has moved to the response. */
export function schemaOf({ title, description, content }: PluginResponse): PluginSchema {
  return { title, description, ...content?.['application/json']?.schema }
}
