import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'

/** A document as `@elysiajs/swagger` makes it of the routes' schemas: everything stands in its place, nothing is shared. */
export interface PluginDocument extends Readonly<Record<string, unknown>> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, PluginOperation>>>>
}

export interface PluginOperation {
  readonly operationId: string
  readonly tags?: readonly string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: readonly PluginParameter[]
  readonly responses: Readonly<Record<string, PluginResponse>>
}

export interface PluginParameter {
  readonly name: string
  readonly in: 'query' | 'header'
  readonly required: boolean
  readonly description?: string
  /** As JSON Schema has them; OpenAPI's are called the same and are something else. */
  readonly examples?: readonly unknown[]
  readonly schema: PluginSchema
}

export interface PluginSchema extends Readonly<Record<string, unknown>> {
  readonly anyOf?: readonly PluginSchema[]
}

export interface PluginResponse {
  readonly title?: string
  readonly description?: string
  /** By media type, of which the plugin names several; the schema is the same in all of them. */
  readonly content?: Readonly<Record<string, { readonly schema: PluginSchema }>>
}

const SPEC_PATH = '/json'

/** What the plugin makes of the routes. `documentation` is the rest of the document. */
export function pluginDocument(routes: readonly AnyElysia[], documentation: object): PluginDocument {
  const plugin = new Elysia().use(swagger({ specPath: SPEC_PATH, documentation }))
  for (const route of routes) plugin.use(route)
  // The handler is called directly: for a request the framework would compile the route, which makes code of texts. An edge runtime forbids that.
  const { handler } = plugin.routes.find(({ path }) => path === SPEC_PATH)!
  return (handler as () => unknown)() as PluginDocument
}

/** The schema of a response's JSON, with the title and the description that the plugin has moved to the response. */
export function schemaOf({ title, description, content }: PluginResponse): PluginSchema {
  return { title, description, ...content?.['application/json']?.schema }
}
