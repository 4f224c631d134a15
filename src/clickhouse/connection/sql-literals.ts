import type { QueryParameter } from '../../analytics/query/tenant-query.ts'

/**
 * Bound parameters as SQL literals: for the embedded engine, which serialises parameterised queries for the whole process, so that a dashboard would wait behind
 * any other, and for values longer than a server takes as parameters. Values never reach SQL on any other way than through `quoteText` and the integer check below.
 */
export type QueryParameters = Readonly<Record<string, QueryParameter>>

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_]*):([A-Za-z0-9_(), ]+)\}/g
const INTEGER_TYPE = /^U?Int(8|16|32|64)$/

/** The SQL with each `{name:Type}` replaced by its value's literal. Throws when a value is missing or is not of its type. */
export function inlineParameters(sql: string, parameters: QueryParameters): string {
  return sql.replace(PLACEHOLDER, (_, name: string, type: string) => {
    if (!Object.hasOwn(parameters, name)) throw new Error(`The query's parameter ${name} has no value.`)
    return toLiteral(parameters[name]!, type.trim(), name)
  })
}

function toLiteral(value: QueryParameter, type: string, name: string): string {
  const element = /^Array\((.*)\)$/.exec(type)?.[1]
  if (element !== undefined) {
    if (typeof value !== 'object') throw new Error(`The query's parameter ${name} is no list.`)
    return `CAST([${value.map((item) => scalarLiteral(item, element, name)).join(',')}] AS ${type})`
  }
  if (typeof value === 'object') throw new Error(`The query's parameter ${name} is a list.`)
  if (type === 'Identifier') return quoteIdentifier(String(value))
  const text = scalarLiteral(value, type, name)
  return type === 'String' || INTEGER_TYPE.test(type) ? text : `CAST(${text} AS ${type})`
}

function scalarLiteral(value: string | number, type: string, name: string): string {
  if (!INTEGER_TYPE.test(type)) return quoteText(String(value))
  if (!Number.isSafeInteger(value)) throw new Error(`The query's parameter ${name} is no integer.`)
  return String(value)
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'", '\0': '\\0' }

/** A text as the engine's string literal: the backslash, the quote and NUL are all that has a meaning inside one. */
export function quoteText(text: string): string {
  return `'${text.replace(/[\\'\0]/g, (character) => ESCAPES[character]!)}'`
}

export function quoteIdentifier(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error('An identifier has letters, digits and underscores only.')
  return `\`${name}\``
}
