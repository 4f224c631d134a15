import { TENANT_HEADER } from '../../auth/credential-headers.ts'
import type { Components } from './components.ts'
import type { PluginParameter, PluginSchema } from './plugin-document.ts'

/** A parameter as OpenAPI 3.0 describes it. */
export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'header' | 'path'
  readonly required: boolean
  readonly description?: string
  /** A valid value, also together with the examples of all other parameters, because some clients send all of them. */
  readonly example?: unknown
  readonly schema: unknown
}

/** A parameter as the plugin describes it, with an example. */
export function describeParameter(
  { name, in: place, required, description, examples, schema }: PluginParameter,
  components: Components,
): Parameter {
  const example = exampleOf(schema, examples)
  return {
    name,
    in: place,
    required,
    ...(description === undefined ? {} : { description }),
    ...(example === undefined ? {} : { example }),
    schema: components.convertSchema(schema),
  }
}

/** The first of the parameter's own examples, else the default, the first choice or the smallest value of its schema. */
function exampleOf({ default: fallback, anyOf, minimum }: PluginSchema, examples: readonly unknown[] = []): unknown {
  return examples[0] ?? fallback ?? anyOf?.[0]?.['const'] ?? minimum
}

export const TENANT_PARAMETER: Parameter = {
  name: TENANT_HEADER,
  in: 'header',
  required: false,
  description:
    'Selects the tenant for a token with the claim `tenantIds`: one of those. Ignored with any other token and with an API key.',
  example: 'tenant-1',
  schema: { type: 'string' },
}

/** Of operations that change what is stored. */
export const REVISION_PARAMETER: Parameter = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The `ETag` of the version that the request changes or removes; `*` for whatever is stored.',
  example: '"42"',
  schema: { type: 'string' },
}

/**
 * Turns the parameters that are the same in every operation into components. Parameters that differ, such as `timeRange` by its default, stay in their operations.
 */
export function shareParameters(operations: readonly { parameters?: unknown[] }[], components: Components): void {
  const all = operations.flatMap(({ parameters = [] }) => parameters as Parameter[])
  const formsByName = Map.groupBy(all, ({ name }) => name)
  const isShared = (name: string) => new Set(formsByName.get(name)!.map((form) => JSON.stringify(form))).size === 1
  for (const operation of operations)
    if (operation.parameters)
      operation.parameters = (operation.parameters as Parameter[]).map((parameter) =>
        isShared(parameter.name)
          ? components.reference('parameters', componentName(parameter.name), parameter)
          : parameter,
      )
}

/** `x-tenant-id` → `XTenantId`. */
function componentName(name: string): string {
  return name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase())
}
