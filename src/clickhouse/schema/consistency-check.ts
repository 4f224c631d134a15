/**
 * The nightly consistency check: compares each projection with the rows that it aggregates, the number of rows of the last day with the number of their distinct ids, and the
 * facts of messages with the events. All are equal by construction; the check detects defects.
 */
import { StoreFailure } from '../../base/errors.ts'
import { named } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { checkFacts, type FactsCheckOptions, type FactsReport } from './facts-check.ts'
import type { TableTopology } from '../connection/table-topology.ts'

/** Whether a projection equals the rows; `undecided` when late rows arrived during every attempt, or no part has the projection yet. */
export type ConsistencyVerdict = 'equal' | 'unequal' | 'undecided'

export interface ConsistencyReport {
  readonly rows: number
  /** By the name of the projection. */
  readonly projections: Readonly<Record<string, ConsistencyVerdict>>
  /** Rows of the last day that repeat an id; undefined when the engine had too little memory for the query. */
  readonly duplicateIds: number | undefined
  readonly messages: FactsReport
}

/** Late events may arrive between two checksums. */
const MAX_ATTEMPTS = 5
const OUT_OF_MEMORY = 241
/** No projection was used; another projection was used. */
const PROJECTION_NOT_USED: readonly unknown[] = [584, 117]
const LIMITS =
  'max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000, max_bytes_before_external_group_by = 500000000, optimize_functions_to_subcolumns = 0'

const projectionsSql = ({ storageTable }: TableTopology) =>
  named(
    'list_projections',
    `
  SELECT table AS storage, name, query FROM system.projections
  WHERE database = {database:String} AND table IN ('${storageTable('analytics_events')}', '${storageTable('analytics_message_facts')}') AND type = 'Aggregate'
    AND name != 'by_message' ORDER BY name`,
  )

const COUNT_ROWS = named('count_rows', 'SELECT toString(count()) AS rows FROM {database:Identifier}.analytics_events')

const COUNT_DUPLICATE_IDS = named(
  'count_duplicate_ids',
  `
  SELECT toString(count() - uniqExact(id)) AS duplicates FROM {database:Identifier}.analytics_events
  WHERE ingested_at > now64(3) - INTERVAL 1 DAY`,
  LIMITS,
)

/** The number of messages of a group of facts: a group whose rows have removed each other may still be in a projection. */
const MESSAGE_COUNT = /sum\(sign(?: \* bitTest\(state, 0\))?\)/

const PROJECTED_TABLES = ['analytics_events', 'analytics_message_facts'] as const
type ProjectedTable = (typeof PROJECTED_TABLES)[number]

interface Projection {
  /** The table that stores the rows. */
  readonly storage: string
  readonly name: string
  /** The definition, as formatted by the engine. */
  readonly query: string
}

/** Rejects with a StoreFailure when a comparison is impossible. */
export async function checkConsistency(
  connection: StoreConnection,
  database: string,
  factsCheck: FactsCheckOptions,
): Promise<ConsistencyReport> {
  const [count] = await connection.query<{ rows: string }>(COUNT_ROWS, { database })
  const projections: Record<string, ConsistencyVerdict> = {}
  for (const projection of await connection.query<Projection>(projectionsSql(connection.topology), { database }))
    projections[projection.name] = await checkProjection(connection, database, projection)
  return {
    rows: Number(count!.rows),
    projections,
    duplicateIds: await countDuplicateIds(connection, database),
    messages: await checkFacts(connection, database, factsCheck),
  }
}

async function checkProjection(
  connection: StoreConnection,
  database: string,
  projection: Projection,
): Promise<ConsistencyVerdict> {
  const { storageTable } = connection.topology
  const source = PROJECTED_TABLES.find((table) => storageTable(table) === projection.storage)!
  const checksum = async (name: string, settings: string) => {
    const [row] = await connection.query<{ groups: string; checksum: string }>(
      checksumSql(name, source, projection, settings),
      { database },
    )
    return `${row!.groups} ${row!.checksum}`
  }
  const ofRows = () => checksum('checksum_rows', 'optimize_use_projections = 0')
  // Reading the rows instead of the projection would compare the rows with themselves.
  const ofProjection = async () => {
    try {
      return await checksum(
        'checksum_projection',
        `force_optimize_projection = 1, force_optimize_projection_name = '${projection.name}'`,
      )
    } catch (error) {
      if (error instanceof StoreFailure && PROJECTION_NOT_USED.includes(error.engineCode)) return undefined
      throw error
    }
  }
  let rows = await ofRows()
  // Without rows of past days there is no part and therefore no projection.
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

/** A checksum of all groups of the projection's query, for past days only, since newer events are still arriving. */
function checksumSql(name: string, source: ProjectedTable, { query }: Projection, settings: string): string {
  const [, selection, step, groupBy] = /^(SELECT .* AS (\w+), .*) (GROUP BY .*)$/s.exec(query) ?? []
  if (selection === undefined) throw new Error('The query of a projection has an unknown form.')
  return named(
    name,
    `
    SELECT toString(count()) AS groups, toString(sum(sipHash64(toString(tuple(*))))) AS checksum
    FROM (
      ${selection} FROM {database:Identifier}.${source}
      WHERE ${step} < toStartOfDay(now('UTC') - INTERVAL 1 HOUR, 'UTC')
      ${groupBy} ${source === 'analytics_message_facts' ? `HAVING ${MESSAGE_COUNT.exec(query)![0]} != 0` : ''}
    )`,
    `${settings}, ${LIMITS}`,
  )
}

async function countDuplicateIds(connection: StoreConnection, database: string): Promise<number | undefined> {
  try {
    const [row] = await connection.query<{ duplicates: string }>(COUNT_DUPLICATE_IDS, { database })
    return Number(row!.duplicates)
  } catch (error) {
    if (error instanceof StoreFailure && error.engineCode === OUT_OF_MEMORY) return undefined
    throw error
  }
}
