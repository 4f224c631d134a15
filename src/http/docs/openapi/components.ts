type Json = Record<string, unknown>

/** The named parts of the document. Each part is defined once; other places refer to it. */
export class Components {
  readonly #sections = new Map<string, Json>()

  /** Adds a part to a section and returns a reference to it. Throws when a different part has the same name. */
  reference(section: string, name: string, part: unknown): { readonly $ref: string } {
    const parts = this.#sections.get(section) ?? {}
    this.#sections.set(section, parts)
    if (Object.hasOwn(parts, name) && JSON.stringify(parts[name]) !== JSON.stringify(part))
      throw new Error(`Two different ${section} of the OpenAPI document are called ${name}.`)
    parts[name] = part
    return { $ref: `#/components/${section}/${name}` }
  }

  /**
   * Converts a TypeBox schema to OpenAPI 3.0, which follows an older draft of JSON Schema: constants become enumerations, pattern properties become additional
   * properties, a choice of a value and null becomes a nullable value. A schema with a title becomes a component of that name. Closed objects are published as open ones: fields may be added to responses, and clients that
   * validate must accept them. The keyword `unit` is for files only and is left out. Of several examples the
   * first one is published.
   */
  convertSchema(schema: unknown): unknown {
    if (Array.isArray(schema)) return schema.map((each) => this.convertSchema(each))
    if (typeof schema !== 'object' || schema === null) return schema
    const values = (schema as { anyOf?: Json[] }).anyOf?.filter(({ type }) => type !== 'null')
    if (values?.length === 1) return this.convertSchema({ ...schema, anyOf: undefined, ...values[0], nullable: true })
    const { const: constant, patternProperties, title, properties, unit: _, examples, ...rest } = schema as Json
    const converted: Json = Array.isArray(examples) ? { example: examples[0] as unknown } : {}
    for (const [key, value] of Object.entries(rest))
      if (value !== undefined && (key !== 'additionalProperties' || value !== false))
        converted[key] = LITERAL_KEYWORDS.has(key) ? value : this.convertSchema(value)
    if (constant !== undefined) converted['enum'] = [constant]
    const choices = converted['anyOf'] as Json[] | undefined
    if (choices?.every((choice) => choice['type'] === 'string' && Array.isArray(choice['enum']))) {
      delete converted['anyOf']
      converted['type'] = 'string'
      converted['enum'] = choices.flatMap((choice) => choice['enum'] as string[])
    }
    // By name: a property may be called `title` or `const`.
    if (properties !== undefined)
      converted['properties'] = Object.fromEntries(
        Object.entries(properties as Json).map(([name, property]) => [name, this.convertSchema(property)]),
      )
    if (patternProperties !== undefined)
      converted['additionalProperties'] = this.convertSchema(Object.values(patternProperties as Json)[0])
    return typeof title === 'string' ? this.reference('schemas', title, converted) : converted
  }

  /** Every section that has parts. */
  toJson(): Json {
    return Object.fromEntries(this.#sections)
  }
}

/** Keywords whose values are no schemas. */
const LITERAL_KEYWORDS: ReadonlySet<string> = new Set(['enum', 'default', 'example', 'required'])
