/**
 * Checks the SQL of a dashboard independently of `tenantQuery`: every source of rows has to be one of the service's tables, bound to the tenant in the same SELECT by a
 * condition that no other condition weakens.
 */

/** A word, a sign, or the tokens inside a pair of parentheses. */
type Token = string | readonly Token[]

const TOKEN = /'(?:[^'\\]|\\.|'')*'|`[^`]*`|"[^"]*"|\{[^}]*\}|[\w.]+|[()]|--[^\n]*|\/\*[\s\S]*?\*\/|[^\s\w]/g
const BOUND = ['tenant_id', '=', '{tenant:String}']
/** Keywords that end the conditions of a SELECT. */
const END = ['GROUP', 'ORDER', 'LIMIT', 'HAVING', 'WINDOW', 'QUALIFY', 'SETTINGS', 'UNION', 'FORMAT']

/** A message per read that is not bound to the tenant. */
export function unboundReads(sql: string): string[] {
  const tokens = sql.match(TOKEN)!.filter((token) => !/^(--|\/\*)/.test(token))
  const mentions = tokens.filter((token) => /analytics_/i.test(token)).length
  const found = { bound: 0, problems: [] as string[] }
  inspect(grouped(tokens[Symbol.iterator]()), found)
  // Other references to a table: after IN, in a function, in quotes.
  if (mentions !== found.bound) found.problems.push(`${mentions} mentions of tables, ${found.bound} of them bound`)
  if (mentions === 0) found.problems.push('reads nothing')
  return found.problems
}

function grouped(tokens: Iterator<string>): Token[] {
  const group: Token[] = []
  for (let next = tokens.next(); !next.done; next = tokens.next()) {
    if (next.value === ')') return group
    group.push(next.value === '(' ? grouped(tokens) : next.value)
  }
  return group
}

const upper = (token: Token | undefined) => (typeof token === 'string' ? token.toUpperCase() : '')

function inspect(tokens: readonly Token[], found: { bound: number; problems: string[] }): void {
  for (const [index, token] of tokens.entries()) {
    if (typeof token !== 'string') inspect(token, found)
    // A joined subquery is inspected by itself.
    else if (
      ['JOIN', 'IN'].includes(upper(token)) &&
      typeof tokens[index + 1] === 'string' &&
      !(upper(token) === 'IN' && isParameter(tokens[index + 1]))
    )
      found.problems.push(`${token} ${String(tokens[index + 1])}`)
    else if (upper(token) === 'FROM') inspectSource(tokens.slice(index + 1), found)
  }
}

const isParameter = (token: Token | undefined) => typeof token === 'string' && token.startsWith('{')

function inspectSource([source, ...behind]: readonly Token[], found: { bound: number; problems: string[] }): void {
  // A subquery is inspected by itself; a further source beside it would not be.
  if (typeof source !== 'string') {
    const next = behind.findIndex((token) => ['WHERE', ...END].includes(upper(token)))
    if (behind.slice(0, next === -1 ? undefined : next).includes(',')) found.problems.push('a list of sources')
    return
  }
  const end = behind.findIndex((token) => END.includes(upper(token)))
  const conditions = behind.slice(0, end === -1 ? undefined : end)
  const [where, ...terms] = conditions
  const isBound =
    /^analytics_\w+$/.test(source) &&
    upper(where) === 'WHERE' &&
    BOUND.every((token, index) => terms[index] === token) &&
    (terms.length === BOUND.length || upper(terms[BOUND.length]) === 'AND') &&
    !terms.some((term) => ['OR', 'XOR', '?'].includes(upper(term)))
  if (isBound) found.bound++
  else found.problems.push(`FROM ${source} ${conditions.slice(0, 4).map(String).join(' ')}`)
}
