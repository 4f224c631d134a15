/**
 * The nightly audit of what is derived: each projection is compared with the rows it sums up, and yesterday's rows with their distinct ids. All are equal by
 * construction; the audit is there for the day when one is not.
 */
import { StoreFailure } from '../../base/errors.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import type { TableTopology } from './table-topology.ts'

/** Whether a projection agrees with the rows; `undecided` when late rows came in during every try, or none of its parts is there yet. */
export type ConsistencyVerdict = 'equal' | 'unequal' | 'undecided'

export interface ConsistencyReport {
  readonly rows: number
  /** Each projection by its name. */
  readonly projections: Readonly<Record<string, ConsistencyVerdict>>
  /** Rows of the last day beyond the first of their id; undefined where the engine had not the memory for the question. */
  readonly duplicateIds: number | undefined
}

/** Late events may come in between two sums. */
const MAX_ATTEMPTS = 5
const OUT_OF_MEMORY = 241
/** None was used; another one was. */
const PROJECTION_NOT_USED: readonly unknown[] = [584, 117]
const LIMITS =
  'max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_functions_to_subcolumns = 0'

const projectionsSql = ({ storageTable }: TableTopology) => `
  SELECT name, query FROM system.projections
  WHERE database = {database:String} AND table = '${storageTable('analytics_events')}' ORDER BY name`

const COUNT_ROWS = 'SELECT toString(count()) AS rows FROM {database:Identifier}.analytics_events'

const COUNT_DUPLICATE_IDS = `
  SELECT toString(count() - uniqExact(id)) AS repeated FROM {database:Identifier}.analytics_events
  WHERE ingested_at > now64(3) - INTERVAL 1 DAY SETTINGS ${LIMITS}, log_comment = 'audit_ids'`

interface Projection {
  readonly name: string
  /** Its definition, as the engine spells it. */
  readonly query: string
}

/** Rejects with a StoreFailure when the comparison itself is impossible. */
export async function checkConsistency(connection: StoreConnection, database: string): Promise<ConsistencyReport> {
  const [count] = await connection.query<{ rows: string }>(COUNT_ROWS, { database })
  const projections: Record<string, ConsistencyVerdict> = {}
  for (const projection of await connection.query<Projection>(projectionsSql(connection.topology), { database }))
    projections[projection.name] = await checkProjection(connection, database, projection)
  return {
    rows: Number(count!.rows),
    projections,
    duplicateIds: await countDuplicateIds(connection, database),
  }
}

async function checkProjection(
  connection: StoreConnection,
  database: string,
  projection: Projection,
): Promise<ConsistencyVerdict> {
  const checksum = async (settings: string) => {
    const [row] = await connection.query<{ groups: string; checksum: string }>(checksumSql(projection, settings), {
      database,
    })
    return `${row!.groups} ${row!.checksum}`
  }
  const ofRows = () => checksum('optimize_use_projections = 0')
  // Fails rather than fall back to the rows: that would compare them with themselves.
  const ofProjection = async () => {
    try {
      return await checksum(`force_optimize_projection = 1, force_optimize_projection_name = '${projection.name}'`)
    } catch (error) {
      if (error instanceof StoreFailure && PROJECTION_NOT_USED.includes(error.engineCode)) return undefined
      throw error
    }
  }
  let rows = await ofRows()
  // Where there is no settled row there is no part, and so no projection to ask.
  if (rows.startsWith('0 ')) return 'equal'
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const derived = await ofProjection()
    if (derived === undefined) break
    const before = rows
    rows = await ofRows()
    if (derived === rows) return 'equal'
    if (before === rows) return 'unequal'
  }
  return 'undecided'
}

/** One number over all groups of the projection's own query, that changes when any of them does; of the days that are over, as newer events are still coming in. */
function checksumSql({ query }: Projection, settings: string): string {
  const [, selection, step, groupBy] = /^(SELECT .* AS (\w+), .*) (GROUP BY .*)$/s.exec(query) ?? []
  if (selection === undefined) throw new Error('A projection has no query that the audit can read.')
  return `
    SELECT toString(count()) AS groups, toString(sum(sipHash64(toString(tuple(*))))) AS checksum
    FROM (
      ${selection} FROM {database:Identifier}.analytics_events
      WHERE ${step} < toStartOfDay(now('UTC') - INTERVAL 1 HOUR, 'UTC')
      ${groupBy}
    )
    SETTINGS ${settings}, ${LIMITS}, log_comment = 'audit_projection'`
}

async function countDuplicateIds(connection: StoreConnection, database: string): Promise<number | undefined> {
  try {
    const [row] = await connection.query<{ repeated: string }>(COUNT_DUPLICATE_IDS, { database })
    return Number(row!.repeated)
  } catch (error) {
    if (error instanceof StoreFailure && error.engineCode === OUT_OF_MEMORY) return undefined
    throw error
  }
}
