/**
 * The nightly audit of what is derived: the projection's sums are compared with the rows they sum up, and yesterday's rows with their distinct ids. Both are equal by
 * construction; the audit is there for the day when one is not.
 */
import { StoreFailure } from '../errors.ts'
import type { StoreConnection } from './connect.ts'

export interface DerivedAudit {
  readonly rows: number
  /** Undefined when rows came in during every try, so that nobody can tell. */
  readonly isProjectionEqual: boolean | undefined
  /** Rows of the last day beyond the first of their id; undefined where the engine had not the memory for the question. */
  readonly repeatedIds: number | undefined
}

/** Late events may come in between two sums. */
const TRIES = 5
/** Newer events than this are still coming in. */
const SETTLED_AFTER = 'INTERVAL 1 HOUR'
const OUT_OF_MEMORY = 241
const LIMITS = 'max_execution_time = 3600, max_threads = 1, max_memory_usage = 2000000000'

/** One text over all groups that changes when any count does. */
const SUMS = `
  SELECT toString(sum(n)) AS rows, toString(sum(n * (cityHash64(tenant_id, event_type, channel) % 1000003))) AS checksum
  FROM (
    SELECT tenant_id, event_type, channel, count() AS n FROM {database:Identifier}.analytics_events
    WHERE toStartOfInterval(occurred_at, INTERVAL 15 MINUTE, 'UTC') < now() - ${SETTLED_AFTER}
    GROUP BY tenant_id, event_type, channel
  )`
const OF_ROWS = `${SUMS} SETTINGS optimize_use_projections = 0, ${LIMITS}, log_comment = 'audit_rows'`
/** Fails rather than fall back to the rows: that would compare them with themselves. */
const OF_PROJECTION = `${SUMS} SETTINGS optimize_use_projections = 1, force_optimize_projection = 1, ${LIMITS}, log_comment = 'audit_projection'`

const REPEATED = `
  SELECT toString(count() - uniqExact(id)) AS repeated FROM {database:Identifier}.analytics_events
  WHERE ingested_at > now64(3) - INTERVAL 1 DAY SETTINGS ${LIMITS}, log_comment = 'audit_ids'`

interface Sums {
  readonly rows: string
  readonly checksum: string
}

/** Rejects with a StoreFailure when the comparison itself is impossible. */
export async function auditDerived(connection: StoreConnection, database: string): Promise<DerivedAudit> {
  const sums = async (sql: string) => {
    const [row] = await connection.query<Sums>(sql, { database })
    return row!
  }
  let ofRows = await sums(OF_ROWS)
  let isProjectionEqual: boolean | undefined
  for (let attempt = 0; attempt < TRIES && isProjectionEqual === undefined; attempt++) {
    // An empty table has no part, and so no projection to ask.
    const ofProjection = ofRows.rows === '0' ? ofRows : await sums(OF_PROJECTION)
    const before = ofRows
    ofRows = await sums(OF_ROWS)
    if (isEqual(ofProjection, ofRows)) isProjectionEqual = true
    else if (isEqual(before, ofRows)) isProjectionEqual = false
  }
  return { rows: Number(ofRows.rows), isProjectionEqual, repeatedIds: await repeatedIds(connection, database) }
}

function isEqual(a: Sums, b: Sums): boolean {
  return a.rows === b.rows && a.checksum === b.checksum
}

async function repeatedIds(connection: StoreConnection, database: string): Promise<number | undefined> {
  try {
    const [row] = await connection.query<{ repeated: string }>(REPEATED, { database })
    return Number(row!.repeated)
  } catch (error) {
    if (error instanceof StoreFailure && error.engineCode === OUT_OF_MEMORY) return undefined
    throw error
  }
}
