import { type Answer, type Run, toAnswer } from './answer.ts'
import { ClickHouseFailure } from './exceptions.ts'
import { type StatementShape, findWord, literal } from './sql-text.ts'

/**
 * The embedded engine assigns its own id to every statement, so the id of the client is stored in the otherwise unused
 * `workload` setting, which `system.processes` shows.
 */
const CLIENT_ID = `if(Settings['workload'] = '', query_id, Settings['workload'])`
const PROCESSES = `(SELECT * REPLACE (${CLIENT_ID} AS query_id) FROM system.processes)`

/** `system.processes` with the ids of the clients. */
export function withClientQueryIds(sql: string): string {
  return sql.replace(/\bsystem\s*\.\s*processes\b/gi, PROCESSES)
}

/**
 * `KILL QUERY WHERE … [SYNC | ASYNC | TEST]` with the semantics of a server. The engine's own `SYNC` never returns, so
 * this cancels asynchronously and waits for the requests of the front to end.
 */
export async function killQueries(
  run: Run,
  sql: string,
  shape: StatementShape,
  format: string,
  ownId: string,
  inFlight: ReadonlyMap<string, Promise<unknown>>,
): Promise<Answer> {
  const where = findWord(shape, 'WHERE')
  if (shape.words[1]?.text !== 'QUERY' || where === undefined) {
    throw new ClickHouseFailure(48, 'NOT_IMPLEMENTED', 'Only KILL QUERY WHERE … works here')
  }
  const mode = shape.words.findLast((word) => ['SYNC', 'ASYNC', 'TEST'].includes(word.text))
  const end = mode ?? shape.words.findLast((word) => word.text === 'FORMAT')
  const condition = sql.slice(where.end, end?.start).replace(/;\s*$/, '')
  const source = `${PROCESSES} WHERE (${condition}) AND query_id != ${literal(ownId)}`
  const isSync = mode?.text === 'SYNC'
  const targets = await run(`SELECT query_id FROM ${source}`, 'JSONEachRow')
  const ids = targets
    .text()
    .split('\n')
    .filter(Boolean)
    .map((row) => (JSON.parse(row) as { query_id: string }).query_id)
  const status = isSync ? 'finished' : 'waiting'
  const result = await run(`SELECT '${status}' AS kill_status, query_id, user, query FROM ${source}`, format)
  if (mode?.text !== 'TEST' && ids.length > 0) {
    await run(`KILL QUERY WHERE ${CLIENT_ID} IN (${ids.map(literal).join(', ')}) ASYNC`)
  }
  if (isSync) await Promise.allSettled(ids.map((id) => inFlight.get(id) ?? Promise.resolve()))
  return toAnswer(result, format, false)
}
