/** The contacts of a cohort of retention, by id. */
import { tenantQuery } from '../query/tenant-query.ts'
import { bucketIndexOf, readClassifiedMembers } from './classified-members.ts'
import type { RetentionCohorts } from './cohort-request.ts'
import type { MemberSelection } from './member-request.ts'
import { batchesOf, hitsOf } from './retention-cells.ts'
import { indexSql, membersParameters, membersSql } from './retention-sql.ts'
import type { CohortMember, CohortSource, MemberPage, MemberPageRequest } from './cohort-source.ts'
import { needsClasses, type StepEvents, stepEventsOf } from './step-events.ts'
import { compareTexts } from '../query/text-order.ts'

interface MemberRow {
  readonly contact: string
  readonly started: number
  /** -1 without a period. */
  readonly event_ms: number
  readonly members: number
}

/** Rejects with a StoreFailure. */
export async function readRetentionMembers(
  source: CohortSource,
  tenantId: string,
  { query, index, period }: MemberSelection<RetentionCohorts>,
  until: number,
  { after, limit }: MemberPageRequest,
): Promise<MemberPage> {
  const { port } = source
  const batches = await batchesOf(port, tenantId, query)
  const events = stepEventsOf(query, until, batches)
  const page = new LowestIds(after?.id, limit + 1)
  let count = 0
  for (let batch = 0; batch < batches; batch++) {
    if (needsClasses(query)) {
      await readClassifiedMembers(source, tenantId, query, events, batch, (member) => {
        const { contact, started, cohort, later } = member
        if (cohort !== index || (period !== undefined && !isHit(query, period, hitsOf(query, member)))) return
        const inCell = period === undefined ? [] : later.filter((at) => isInCell(query, period, at, cohort))
        count++
        page.add({ id: contact, startedAt: started, eventAt: inCell.length === 0 ? null : Math.min(...inCell) })
      })
      continue
    }
    const sql = pageSql(query, events, period, after !== undefined)
    const parameters = {
      ...membersParameters(query, events),
      ...{ batch, cohort: index, rows: limit + 1 },
      ...(period === undefined ? {} : { period }),
      ...(after ? { after: after.id } : {}),
    }
    const rows = await port.query(tenantId, tenantQuery<MemberRow>('cohort_contacts', sql, parameters))
    count += rows[0]?.members ?? 0
    for (const { contact, started, event_ms } of rows)
      page.add({ id: contact, startedAt: started, eventAt: event_ms < 0 ? null : event_ms })
  }
  return { members: page.members(), count }
}

/** A page of the members, each with the number of all of them. */
function pageSql(
  query: RetentionCohorts,
  events: StepEvents,
  period: number | undefined,
  hasPosition: boolean,
): string {
  return `
  SELECT contact, started, event_ms, members
  FROM (
    SELECT contact, started, ${eventSql(query, period)} AS event_ms, count() OVER () AS members
    FROM ${membersSql(query, events)}
    WHERE cohort = {cohort:Int32}${period === undefined ? '' : ' AND event_ms >= 0'}
  )
  ${hasPosition ? 'WHERE contact > {after:String}' : ''}
  ORDER BY contact
  LIMIT {rows:UInt32}`
}

/** The first return of the cell, -1 without one. */
function eventSql({ counting }: RetentionCohorts, period: number | undefined): string {
  if (period === undefined) return 'toInt64(-1)'
  const place = `${indexSql('each')} - cohort ${counting === 'on' ? '=' : '>='} {period:Int32}`
  const found = `arrayFilter(each -> ${place}, later)`
  return `if(empty(${found}), toInt64(-1), arrayMin(${found}))`
}

function isHit({ counting }: RetentionCohorts, period: number, hits: readonly number[]): boolean {
  return counting === 'on' ? hits.includes(period) : (hits[0] ?? -1) >= period
}

function isInCell({ counting, edges }: RetentionCohorts, period: number, at: number, cohort: number): boolean {
  const distance = bucketIndexOf(edges, at) - cohort
  return counting === 'on' ? distance === period : distance >= period
}

/** The members with the lowest ids behind a position. */
class LowestIds {
  readonly #after: string | undefined
  readonly #most: number
  #members: CohortMember[] = []

  constructor(after: string | undefined, most: number) {
    this.#after = after
    this.#most = most
  }

  add(member: CohortMember): void {
    if (this.#after !== undefined && compareTexts(member.id, this.#after) <= 0) return
    this.#members.push(member)
    if (this.#members.length >= 4 * this.#most) this.#members = [...this.members()]
  }

  members(): readonly CohortMember[] {
    return this.#members.toSorted((a, b) => compareTexts(a.id, b.id)).slice(0, this.#most)
  }
}
