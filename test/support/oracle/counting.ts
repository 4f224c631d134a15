import type { History, Row } from './history.ts'
import { type Granularity, type Range, bucketStart, bucketStarts, instantText } from './zone.ts'

/** The query of a dashboard, after its parameters were read. */
export interface Question {
  readonly history: History
  /** The instant of the answer: later events do not count for engagement. */
  readonly asOfMs: number
  readonly range: Range
  readonly zone: string
  readonly granularity: Granularity
  readonly filters: Filters
}

export interface Filters {
  readonly channel?: string
  readonly campaignId?: string
  readonly workflowId?: string
  readonly sequenceId?: string
  readonly templateId?: string
  readonly limit?: string
  readonly minUsage?: string
  readonly sort?: 'humanOpenRate' | 'humanClickRate' | 'complaintRate' | 'hardBounceRate'
}

export function isMessage(row: Row): boolean {
  return row.type.startsWith('message_')
}

/** The rows whose instant lies in the range. */
export function within(rows: readonly Row[], range: Range): Row[] {
  return rows.filter((row) => row.atMs >= range.startMs && row.atMs <= range.endMs)
}

export function count(rows: readonly Row[], type: string): number {
  return rows.filter((row) => row.type === type).length
}

export function fourCounts(rows: readonly Row[]) {
  return {
    sent: count(rows, 'message_sent'),
    delivered: count(rows, 'message_delivered'),
    opened: count(rows, 'message_opened'),
    clicked: count(rows, 'message_clicked'),
  }
}

export function sevenCounts(rows: readonly Row[]) {
  return {
    ...fourCounts(rows),
    bounced: count(rows, 'message_bounced'),
    complained: count(rows, 'message_complained'),
    unsubscribed: count(rows, 'message_unsubscribed'),
  }
}

/** Groups rows by `key`; rows with an undefined key are in no group. */
export function groups<K>(rows: readonly Row[], key: (row: Row) => K | undefined): Map<K, Row[]> {
  const found = new Map<K, Row[]>()
  for (const row of rows) {
    const of = key(row)
    if (of === undefined) continue
    const group = found.get(of)
    if (group) group.push(row)
    else found.set(of, [row])
  }
  return found
}

/** Percentage with 2 decimals, rounded from the double nearest to the quotient (the double of 41 ÷ 160 is slightly below 25.625 %); 0 when the denominator is 0. */
export function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round(((part / whole) * 100 + Number.EPSILON) * 100) / 100
}

/** One entry per bucket of the range: its start, and the result of `figures` for its rows. */
export function series<F extends object>(
  rows: readonly Row[],
  question: Question,
  granularity: Granularity,
  figures: (rows: readonly Row[]) => F,
): (F & { timestamp: string })[] {
  const { range, zone } = question
  const found = groups(rows, (row) => bucketStart(row.atMs, granularity, zone))
  return bucketStarts(range, granularity, zone).map((startMs) => ({
    timestamp: instantText(startMs),
    ...figures(found.get(startMs) ?? []),
  }))
}

/** Largest `figure` first, equal figures by id, at most `limit` (10 by default). */
export function top<T extends Readonly<Record<string, unknown>>>(
  items: readonly T[],
  figure: keyof T,
  id: keyof T,
  limit: string | undefined,
): T[] {
  return [...items]
    .sort((a, b) => Number(b[figure]) - Number(a[figure]) || compareIds(String(a[id]), String(b[id])))
    .slice(0, Number(limit ?? 10))
}

/** By code point, which is also the order of the bytes in UTF-8. */
export function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
