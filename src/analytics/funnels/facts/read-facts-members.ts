/** The members of a funnel that follow from the facts of messages. */
import type { FactsAsOf } from '../../engagement/facts-as-of.ts'
import { valueText } from '../../filter/filter-tree.ts'
import { type QueryParameter, type QueryPort, tenantQuery } from '../../query/tenant-query.ts'
import { type MemberSelection, OTHERS } from '../members/member-request.ts'
import type { Selection } from '../read-classes.ts'
import { chainRowsOf, type StepColumns } from './message-chain.ts'

export interface FactsMembersRequest {
  readonly tenantId: string
  readonly selection: MemberSelection
  readonly columns: readonly StepColumns[]
  readonly facts: FactsAsOf
  /** The values that have rows of their own, where the members of the others are asked for. */
  readonly shown: readonly (string | number)[]
  /** Members from this instant back are listed. */
  readonly enteredUntil: number
  /** At least so many are listed, if there are so many. */
  readonly limit: number
}

export interface FactsMembers {
  readonly count: number
  /** The latest entries, all members of each day. */
  readonly latest: readonly { readonly enteredAt: number; readonly id: string }[]
  /** Reads the messages whose events decide. */
  readonly undecided: Selection
}

const DAY_MS = 86_400_000

/** Rejects with a StoreFailure. */
export async function readFactsMembers(port: QueryPort, request: FactsMembersRequest): Promise<FactsMembers> {
  const { tenantId, selection, columns, facts, enteredUntil, limit } = request
  const { rows, undecided } = chainRowsOf(selection.query, columns, facts.rules, facts.until)
  const condition = conditionOf(request)
  const parameters = { ...rows.parameters, ...condition.parameters }
  const daysSql = `
  SELECT intDiv(sent_ms, ${DAY_MS}) AS day, sum(sign) AS messages
  FROM (${rows.sql})
  WHERE ${condition.sql}
  GROUP BY day HAVING messages != 0
  ORDER BY day DESC`
  const days = await port.query(
    tenantId,
    tenantQuery<{ day: number; messages: number }>('funnel_member_days', daysSql, parameters),
  )
  const count = days.reduce((sum, { messages }) => sum + messages, 0)
  const lastDay = Math.floor(enteredUntil / DAY_MS)
  // Those of the last day may have entered later.
  let missing = limit
  const firstDay = days.find(({ day, messages }) => day < lastDay && (missing -= messages) <= 0)?.day ?? 0
  const listSql = `
  SELECT message_id AS id, sent_ms AS enteredAt
  FROM (${rows.sql})
  WHERE ${condition.sql} AND sent_ms >= {firstEntry:Int64} AND sent_ms <= {lastEntry:Int64}
  GROUP BY id, enteredAt HAVING sum(sign) > 0`
  const edges = { firstEntry: firstDay * DAY_MS, lastEntry: enteredUntil }
  const list = tenantQuery<{ id: string; enteredAt: number }>('funnel_members', listSql, { ...parameters, ...edges })
  return { count, latest: await port.query(tenantId, list), undecided }
}

function conditionOf({ selection, facts, shown }: FactsMembersRequest): Selection {
  const { query, state, step, value, bucket } = selection
  const parameters: Record<string, QueryParameter> = {}
  const conditions = ['level > 0']
  if (state === 'excluded') conditions.push('0')
  if (state === 'reached') conditions.push(`level > ${step}`)
  if (state === 'droppedOff') conditions.push(`level = ${step}`)
  if (state === 'open') {
    conditions.push(`level < ${query.steps.length} AND sent_ms > {openAfter:Int64}`)
    parameters['openAfter'] = facts.until - query.windowMs
  }
  if (bucket) {
    conditions.push('sent_ms >= {bucketStart:Int64} AND sent_ms < {bucketEnd:Int64}')
    Object.assign(parameters, { bucketStart: bucket.start, bucketEnd: bucket.end })
  }
  if (value === OTHERS) conditions.push(`value != '' AND value NOT IN {values:Array(String)}`)
  else if (value !== undefined) conditions.push('value IN {values:Array(String)}')
  if (value !== undefined) {
    const chosen = value === OTHERS ? shown : [value ?? '']
    parameters['values'] = chosen.map((each) => (each === '' ? '' : valueText(query.breakdown!.dimension, each)))
  }
  return { sql: conditions.join(' AND '), parameters }
}
