/** The parts of the schemas of dashboards' parameters and data. The API document is made from them. */
import { type TLiteral, type TObject, type TProperties, type TUnion, Type } from '@sinclair/typebox'

export const count = (description: string) => Type.Integer({ minimum: 0, description })
export const text = (description: string) => Type.String({ description })
export const instant = (description: string) =>
  Type.String({ format: 'date-time', description: `${description} (UTC, ISO 8601)` })

/** An object without further properties. The parts of responses have a title, which is their name in the API document. */
export const object = <Properties extends TProperties>(
  properties: Properties,
  description: string,
  title?: string,
): TObject<Properties> =>
  Type.Object(properties, { additionalProperties: false, description, ...(title === undefined ? {} : { title }) })

/** A tuple of literals, not a list of them: routes and typed clients read the types of the single values. */
type LiteralsOf<Values extends readonly string[]> = { -readonly [Index in keyof Values]: TLiteral<Values[Index]> }

/** One of a closed set of texts. */
export function choice<const Values extends readonly string[]>(
  values: Values,
  description: string,
  fallback?: Values[number],
): TUnion<LiteralsOf<Values>> {
  const options = { description, ...(fallback === undefined ? {} : { default: fallback }) }
  const union: unknown = Type.Union(
    values.map((value) => Type.Literal(value)),
    options,
  )
  return union as TUnion<LiteralsOf<Values>>
}

/** The name of an entity in a list. */
export const entityName = () => text('The latest known name, or the id if no name is known')
