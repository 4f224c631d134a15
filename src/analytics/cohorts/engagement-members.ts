/** The messages of a cohort of engagement, the newest sending first, ties by id. */
import { readLateMessagesBy } from '../engagement/late-messages.ts'
import { type QueryParameter, tenantQuery } from '../query/tenant-query.ts'
import type { EngagementCohorts } from './cohort-request.ts'
import { afterOf, rangeOfCohort, selectedMessages } from './engagement-cells.ts'
import type { MemberSelection } from './member-request.ts'
import type { CohortMember, CohortSource, MemberPage, MemberPageRequest } from './cohort-source.ts'
import { compareTexts } from '../query/text-order.ts'

interface MemberRow {
  readonly message_id: string
  readonly sent_ms: number
  readonly after_ms: number
}

/** Messages with events after the instant are left out: their rows include those events. */
const conditionsSql = (cell: string, filter: string) => `
  FROM analytics_message_facts WHERE tenant_id = {tenant:String} AND rules = {rules:UInt32} AND state != 0
    AND sent_at >= fromUnixTimestamp64Milli({from:Int64}) AND sent_at <= fromUnixTimestamp64Milli({to:Int64})
    AND last_event_at <= fromUnixTimestamp64Milli({until:Int64})${cell}${filter}`

const AFTER_SQL =
  ' AND (sent_at < fromUnixTimestamp64Milli({afterAt:Int64}) OR (sent_at = fromUnixTimestamp64Milli({afterAt:Int64}) AND message_id > {afterId:String}))'

/** Rejects with a StoreFailure. */
export async function readEngagementMembers(
  source: CohortSource,
  tenantId: string,
  { query, index, period, isCumulative }: MemberSelection<EngagementCohorts>,
  { after, limit }: MemberPageRequest,
): Promise<MemberPage> {
  const { port } = source
  const facts = source.facts()
  const range = rangeOfCohort(query, index)
  const messages = selectedMessages(tenantId, query, range, facts)
  const { column, field } = afterOf(query)
  const [lowest, end] = [isCumulative ? 0 : (period ?? 0) * query.periodMs, ((period ?? 0) + 1) * query.periodMs]
  const cell = period === undefined ? '' : ` AND ${column} >= ${lowest} AND ${column} < ${end}`
  const conditions = conditionsSql(cell, messages.filter.sql)
  const parameters: Record<string, QueryParameter> = {
    ...messages.filter.parameters,
    ...{ rules: facts.rules, until: facts.until, from: messages.range.start, to: messages.range.end },
  }
  const rowsSql = `
  SELECT message_id, toUnixTimestamp64Milli(sent_at) AS sent_ms, ${period === undefined ? '-1' : column} AS after_ms${conditions}${after ? AFTER_SQL : ''}
  GROUP BY sent_at, message_id, after_ms HAVING sum(sign) > 0
  ORDER BY sent_at DESC, message_id
  LIMIT {rows:UInt32}
  SETTINGS optimize_use_projections = 0`
  const countSql = `
  SELECT sum(sign) AS members${conditions}
  SETTINGS optimize_use_projections = 0`
  const position = after ? { afterAt: after.startedAt, afterId: after.id } : {}
  const [rows, counted, late] = await Promise.all([
    port.query(
      tenantId,
      tenantQuery<MemberRow>('cohort_messages', rowsSql, { ...parameters, ...position, rows: limit + 1 }),
    ),
    after ? [] : port.query(tenantId, tenantQuery<{ members: number }>('cohort_messages_count', countSql, parameters)),
    readLateMessagesBy<string>('cohorts', port, messages, 'message_id'),
  ])
  const isOfCell = (at: number) => period === undefined || (at >= lowest && at < end)
  const lateMembers = late.flatMap(({ key, sentAt, counted: state }): CohortMember[] =>
    isOfCell(state[field]) ? [memberOf(key, sentAt, period === undefined ? -1 : state[field])] : [],
  )
  const all = [
    ...rows.map(({ message_id, sent_ms, after_ms }) => memberOf(message_id, sent_ms, after_ms)),
    ...lateMembers.filter((member) => after === undefined || byTimeAndId(after, member) < 0),
  ]
  return {
    members: all.toSorted(byTimeAndId).slice(0, limit + 1),
    count: (counted[0]?.members ?? 0) + lateMembers.length,
  }
}

function memberOf(id: string, startedAt: number, afterMs: number): CohortMember {
  return { id, startedAt, eventAt: afterMs < 0 ? null : startedAt + afterMs }
}

type Position = Pick<CohortMember, 'id' | 'startedAt'>

/** As the store compares ids: by their bytes. */
function byTimeAndId(a: Position, b: Position): number {
  return b.startedAt - a.startedAt || compareTexts(a.id, b.id)
}
