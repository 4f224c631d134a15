/** What has to be stored once the events 1 to N were acknowledged, calculated from their numbers. */
import { entityOf, kindOf, poisonOf, tenantOf } from './numbered-event.ts'

export interface Sums {
  rows: number
  /** Of the numbers of the events' entities. */
  numberSum: number
  /** Of the squares of the numbers' remainders by 4093: tells two losses that even out in the sum. */
  squareSum: number
}

export interface Truth {
  /** By `tenant/type`. */
  readonly stored: ReadonlyMap<string, Sums>
  readonly rows: number
  readonly poison: number
  /** By reason. */
  readonly dead: ReadonlyMap<string, number>
}

export function truthOf(lastNumber: number): Truth {
  const stored = new Map<string, Sums>()
  const dead = new Map<string, number>()
  let rows = 0
  let poison = 0
  for (let n = 1; n <= lastNumber; n++) {
    const reason = poisonOf(n)
    if (reason) {
      poison++
      dead.set(reason, (dead.get(reason) ?? 0) + 1)
      continue
    }
    rows++
    const key = `${tenantOf(n)}/${kindOf(n)[1]}`
    let sums = stored.get(key)
    if (!sums) stored.set(key, (sums = { rows: 0, numberSum: 0, squareSum: 0 }))
    sums.rows++
    const number = entityOf(n)
    sums.numberSum += number
    sums.squareSum += (number % 4093) ** 2
  }
  return { stored, rows, poison, dead }
}

/** The same sums of what is stored. One row a tenant and type; `ids` are all distinct ids of the table. */
export const SUMS = `
  SELECT tenant_id, event_type, toFloat64(count()) AS rows,
    toFloat64(sum(toUInt64(substring(entity_id, 2)))) AS numberSum,
    toFloat64(sum(pow(toUInt64(substring(entity_id, 2)) % 4093, 2))) AS squareSum
  FROM analytics_events GROUP BY tenant_id, event_type`

export const DISTINCT_IDS = 'SELECT toFloat64(uniqExact(id)) AS ids FROM analytics_events'

export interface StoredSums extends Sums {
  readonly tenant_id: string
  readonly event_type: string
}

/** Every difference between what should be and what is, in words; none when all is exact. */
export function differences(truth: Truth, found: readonly StoredSums[], ids: number): string[] {
  const said: string[] = []
  const seen = new Set<string>()
  let rows = 0
  for (const { tenant_id, event_type, ...sums } of found) {
    const key = `${tenant_id}/${event_type}`
    seen.add(key)
    rows += sums.rows
    const wanted = truth.stored.get(key)
    for (const name of ['rows', 'numberSum', 'squareSum'] as const)
      if (sums[name] !== wanted?.[name]) said.push(`${key}: ${name} ${sums[name]}, should be ${wanted?.[name] ?? 0}`)
  }
  for (const [key, { rows: wanted }] of truth.stored)
    if (!seen.has(key)) said.push(`${key}: nothing, should be ${wanted} rows`)
  if (ids !== rows) said.push(`${rows} rows have only ${ids} distinct ids`)
  return said
}
