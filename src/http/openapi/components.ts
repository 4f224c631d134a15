type Json = Record<string, unknown>

/** The named parts of the document: each stands once and is referred to wherever it is used. */
export class Components {
  readonly #sections = new Map<string, Json>()

  /** Puts a part into a section and gives the reference to it. Throws when another part has the name already: a client would get the wrong one. */
  refer(section: string, name: string, part: unknown): { readonly $ref: string } {
    const parts = this.#sections.get(section) ?? {}
    this.#sections.set(section, parts)
    if (Object.hasOwn(parts, name) && JSON.stringify(parts[name]) !== JSON.stringify(part))
      throw new Error(`Two different ${section} of the OpenAPI document are called ${name}.`)
    parts[name] = part
    return { $ref: `#/components/${section}/${name}` }
  }

  /**
   * A TypeBox schema as OpenAPI 3.0 reads it, which is an older draft of JSON Schema: constants become enumerations, pattern properties additional ones. A schema with a
   * title becomes a component of that name. Closed objects are published as open ones: fields may be added to responses, which clients that validate must let pass.
   */
  schema(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map((each) => this.schema(each))
    if (typeof schema !== 'object' || schema === null) return schema
    const { const: constant, patternProperties, title, properties, ...rest } = schema as Json
    const written: Json = {}
    for (const [key, value] of Object.entries(rest))
      if (key !== 'additionalProperties' || value !== false)
        written[key] = LITERAL.has(key) ? value : this.schema(value)
    if (constant !== undefined) written['enum'] = [constant]
    const choices = written['anyOf'] as Json[] | undefined
    if (choices?.every((choice) => choice['type'] === 'string' && Array.isArray(choice['enum']))) {
      delete written['anyOf']
      written['type'] = 'string'
      written['enum'] = choices.flatMap((choice) => choice['enum'] as string[])
    }
    // By name: a property may be called `title` or `const`.
    if (properties !== undefined)
      written['properties'] = Object.fromEntries(
        Object.entries(properties as Json).map(([name, property]) => [name, this.schema(property)]),
      )
    if (patternProperties !== undefined)
      written['additionalProperties'] = this.schema(Object.values(patternProperties as Json)[0])
    return typeof title === 'string' ? this.refer('schemas', title, written) : written
  }

  /** Every section that has parts. */
  toJson(): Json {
    return Object.fromEntries(this.#sections)
  }
}

/** Keywords whose values are no schemas. */
const LITERAL: ReadonlySet<string> = new Set(['enum', 'default', 'example', 'required'])
