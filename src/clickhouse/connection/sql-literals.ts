import type { QueryParameter } from '../../analytics/query/tenant-query.ts'

/**
 * Query parameters as SQL literals: for the embedded engine, which runs parameterised queries of the whole process one after the other, and for values that are longer than
 * a server accepts as parameters. Values enter SQL only through `quoteText` and the integer check in this file.
 */
export type QueryParameters = Readonly<Record<string, QueryParameter>>

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_]*):([A-Za-z0-9_(), ]+)\}/g
const INTEGER_TYPE = /^U?Int(8|16|32|64)$/

/** The SQL with each `{name:Type}` replaced by the literal of its value. Throws when a value is missing or has the wrong type. */
export function inlineParameters(sql: string, parameters: QueryParameters): string {
  return sql.replace(PLACEHOLDER, (_, name: string, type: string) => {
    if (!Object.hasOwn(parameters, name)) throw new Error(`The query parameter ${name} has no value.`)
    return toLiteral(parameters[name]!, type.trim(), name)
  })
}

function toLiteral(value: QueryParameter, type: string, name: string): string {
  const element = /^Array\((.*)\)$/.exec(type)?.[1]
  if (element !== undefined) {
    if (typeof value !== 'object') throw new Error(`The query parameter ${name} must be a list.`)
    return `CAST([${value.map((item) => scalarLiteral(item, element, name)).join(',')}] AS ${type})`
  }
  if (typeof value === 'object') throw new Error(`The query parameter ${name} must not be a list.`)
  if (type === 'Identifier') return quoteIdentifier(String(value))
  const text = scalarLiteral(value, type, name)
  return type === 'String' || INTEGER_TYPE.test(type) ? text : `CAST(${text} AS ${type})`
}

function scalarLiteral(value: string | number, type: string, name: string): string {
  if (!INTEGER_TYPE.test(type)) return quoteText(String(value))
  if (!Number.isSafeInteger(value)) throw new Error(`The query parameter ${name} must be an integer.`)
  return String(value)
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\0': '\\0' }

/** A text as a string literal. The backslash, the quote and NUL are the only characters with a meaning inside a literal. */
export function quoteText(text: string): string {
  return `'${text.replace(/[\\'\0]/g, (character) => ESCAPES[character]!)}'`
}

export function quoteIdentifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new Error('An identifier may contain only letters, digits and underscores.')
  return `\`${name}\``
}
