/** Retention: contacts by the bucket of their start event, and by the later buckets in which they returned. */
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'
import { bucketIndexOf, type ClassSource, readClassifiedMembers, type RetentionMember } from './classified-members.ts'
import type { RetentionCohorts } from './cohort-request.ts'
import type { CohortCounts } from './cohort-table.ts'
import { membersParameters, membersSql } from './retention-sql.ts'
import { hasPlainStarts, needsClasses, stepEventsOf } from './step-events.ts'

/** Events that the store folds at once: about half a gigabyte of its memory. */
const EVENTS_PER_BATCH = 20_000_000
/** Events that are folded here at once. */
const CLASSIFIED_PER_BATCH = 200_000
/** Start events of contacts whose other events are folded here. */
const STARTS_PER_BATCH = 2_000_000

const COUNT_SQL = `
  SELECT event_type, count() AS events
  FROM analytics_events WHERE tenant_id = {tenant:String} AND event_type IN {eventTypes:Array(String)}
  GROUP BY event_type`

/** The number of batches of contacts in which their events are read, which bounds the memory. */
export async function batchesOf(port: QueryPort, tenantId: string, query: RetentionCohorts): Promise<number> {
  const { start, return: back } = query
  const request = tenantQuery<{ event_type: string; events: number }>('cohort_size', COUNT_SQL, {
    eventTypes: [start.event, back.event],
  })
  const counts = new Map((await port.query(tenantId, request)).map((row) => [row.event_type, row.events]))
  const starts = counts.get(start.event) ?? 0
  const returns = start.event === back.event ? 0 : (counts.get(back.event) ?? 0)
  if (!needsClasses(query)) return atLeastOne((starts + returns) / EVENTS_PER_BATCH)
  if (!hasPlainStarts(query)) return atLeastOne((starts + returns) / CLASSIFIED_PER_BATCH)
  return atLeastOne(Math.max(returns / CLASSIFIED_PER_BATCH, starts / STARTS_PER_BATCH))
}

function atLeastOne(batches: number): number {
  return Math.max(1, Math.ceil(batches))
}

interface CellRow {
  readonly cohort: number
  /** -1 for the size. */
  readonly period: number
  readonly members: number
}

/** The counts of each cohort. Rejects with a StoreFailure. */
export async function readRetentionCells(
  source: ClassSource,
  tenantId: string,
  query: RetentionCohorts,
  until: number,
): Promise<readonly CohortCounts[]> {
  const { port } = source
  const batches = await batchesOf(port, tenantId, query)
  const events = stepEventsOf(query, until, batches)
  const sums = new RetentionSums(query)
  for (let batch = 0; batch < batches; batch++) {
    if (needsClasses(query)) {
      await readClassifiedMembers(source, tenantId, query, events, batch, (member) => {
        sums.add(member.cohort, -1, 1)
        for (const period of hitsOf(query, member)) sums.add(member.cohort, period, 1)
      })
      continue
    }
    const sql = `
  SELECT cohort, arrayJoin(arrayPushFront(hits, -1)) AS period, count() AS members
  FROM ${membersSql(query, events)}
  GROUP BY cohort, period`
    const parameters = { ...membersParameters(query, events), batch }
    const rows = await port.query(tenantId, tenantQuery<CellRow>('cohort_retention', sql, parameters))
    for (const { cohort, period, members } of rows) sums.add(cohort, period, members)
  }
  return sums.cohorts(until)
}

/** The periods in which a member returned; where a return counts in all periods before it too, the last one only. */
export function hitsOf({ edges, periods, counting }: RetentionCohorts, { cohort, later }: RetentionMember): number[] {
  const hits = [...new Set(later.map((at) => bucketIndexOf(edges, at) - cohort))]
  if (counting === 'on') return hits.filter((period) => period < periods)
  return hits.length === 0 ? [] : [Math.min(Math.max(...hits), periods - 1)]
}

class RetentionSums {
  readonly #query: RetentionCohorts
  readonly #sizes = new Map<number, number>()
  readonly #counts = new Map<number, number[]>()

  constructor(query: RetentionCohorts) {
    this.#query = query
  }

  add(cohort: number, period: number, members: number): void {
    if (period < 0) {
      this.#sizes.set(cohort, (this.#sizes.get(cohort) ?? 0) + members)
      return
    }
    let counts = this.#counts.get(cohort)
    if (counts === undefined) {
      counts = Array.from({ length: this.#query.periods }, () => 0)
      this.#counts.set(cohort, counts)
    }
    counts[period]! += members
  }

  cohorts(until: number): CohortCounts[] {
    const { edges, periods, counting } = this.#query
    return [...this.#sizes].map(([index, size]) => {
      const counts = this.#counts.get(index) ?? Array.from({ length: periods }, () => 0)
      // A return counts in all periods before it too.
      if (counting === 'onOrAfter')
        for (let period = periods - 2; period >= 0; period--) counts[period]! += counts[period + 1]!
      const isOver = (period: number) => edges[index + period + 1]! <= until
      let completePeriods = 0
      while (completePeriods < periods && isOver(completePeriods)) completePeriods++
      return { index, size, counts, completePeriods, begunPeriods: Math.min(periods, completePeriods + 1) }
    })
  }
}
