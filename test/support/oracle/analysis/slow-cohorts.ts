/** Cohorts, calculated slowly from the events that were sent: every cell is a list of its members. */
import { v5 } from 'uuid'
import type { History, Row, SentMessage } from '../history.ts'
import { type Filter, passes, valueOf } from './query-answer.ts'
import { type RangeQuery, resolveRange } from '../range.ts'
import { bucketStart, type Granularity, instantText, type Range } from '../zone.ts'

interface StepOf {
  event: string
  filter?: Filter
}

export interface CohortBody extends RangeQuery {
  kind: 'engagement' | 'retention'
  event?: 'opened' | 'clicked'
  human?: boolean
  period?: 'hour' | 'day' | 'week'
  filter?: Filter
  start?: StepOf
  return?: StepOf
  counting?: 'on' | 'onOrAfter'
  mode?: 'firstTime' | 'recurring'
  cohort: 'day' | 'week' | 'month'
  periods: number
  timezone: string
}

export interface SlowCell {
  readonly period: number
  readonly members: readonly string[]
  readonly complete: boolean
}

export interface SlowCohort {
  readonly bucket: string
  readonly members: readonly string[]
  readonly cells: readonly SlowCell[]
}

const HOURS = { hour: 1, day: 24, week: 168 } as const
const NAMESPACE = '6f1b3c52-6a0e-5d0f-9c55-0f2e3a7d4b10'

/** The cohorts with members at an instant. Each event has its `eventId` as the field `key` of its data. */
export function slowCohorts(history: History, tenant: string, body: CohortBody, asOf: number): SlowCohort[] {
  const range = resolveRange(body, '90d', body.timezone, asOf)
  const cohorts =
    body.kind === 'engagement' ? engagement(history, body, range, asOf) : retention(history, tenant, body, range, asOf)
  return cohorts.toSorted((a, b) => (a.bucket < b.bucket ? -1 : 1))
}

function engagement(history: History, body: CohortBody, range: Range, asOf: number): SlowCohort[] {
  const lengthMs = HOURS[body.period!] * 3_600_000
  const isCounted = (row: Row) =>
    row.type === `message_${body.event}` &&
    row.atMs <= asOf &&
    (!body.human || ['human', 'unknown'].includes(history.classOf(row)))
  const periodOf = ({ sending, rows }: SentMessage) => {
    const times = rows.filter(isCounted).map(({ atMs }) => atMs)
    return times.length === 0 ? undefined : Math.max(0, Math.floor((Math.min(...times) - sending.atMs) / lengthMs))
  }
  const sent = history.messages.filter(
    ({ sending }) =>
      sending.atMs >= range.startMs &&
      sending.atMs <= range.endMs &&
      sending.atMs <= asOf &&
      passes(body.filter, (name) => valueOf(history, sending, name, body.timezone)),
  )
  const byBucket = Map.groupBy(sent, ({ sending }) => bucketStart(sending.atMs, body.cohort, body.timezone))
  return [...byBucket].map(([bucket, members]) => ({
    bucket: instantText(bucket),
    members: members.map(idOf),
    cells: Array.from({ length: body.periods }, (_, period) => ({
      period,
      members: members.filter((message) => periodOf(message) === period).map(idOf),
      complete: members.every(({ sending }) => sending.atMs + (period + 1) * lengthMs <= asOf),
    })),
  }))
}

const idOf = ({ sending }: SentMessage) => sending.data['messageId'] as string

function retention(history: History, tenant: string, body: CohortBody, range: Range, asOf: number): SlowCohort[] {
  const { timezone, cohort: size } = body
  const storedId = ({ data }: Row) => v5(`${tenant}/${String(data['key'])}`, NAMESPACE)
  const matches = (row: Row, { event, filter }: StepOf) =>
    row.type === event && passes(filter, (name) => valueOf(history, row, name, timezone))
  const contacts = Map.groupBy(
    history.rows.filter(({ contact, atMs }) => contact !== undefined && atMs <= asOf),
    ({ contact }) => contact!,
  )
  const membersByBucket = new Map<number, { readonly id: string; readonly returns: number[] }[]>()
  for (const [id, unordered] of contacts) {
    const rows = unordered.toSorted((a, b) => a.atMs - b.atMs || (storedId(a) < storedId(b) ? -1 : 1))
    const starts = rows.filter((row) => matches(row, body.start!))
    const used = new Set<number>()
    for (const start of body.mode === 'firstTime' ? starts.slice(0, 1) : starts) {
      if (start.atMs < range.startMs || start.atMs > range.endMs) continue
      const bucket = bucketStart(start.atMs, size, timezone)
      if (used.has(bucket)) continue
      used.add(bucket)
      const returns = rows.filter((row) => row !== start && row.atMs >= start.atMs && matches(row, body.return!))
      const members = membersByBucket.get(bucket) ?? []
      membersByBucket.set(bucket, [...members, { id, returns: returns.map(({ atMs }) => atMs) }])
    }
  }
  return [...membersByBucket].map(([bucket, members]) => {
    const edges = [bucket]
    while (edges.length <= body.periods) edges.push(nextBucket(edges.at(-1)!, size, timezone))
    const isIn = (at: number, period: number) =>
      at >= edges[period]! && (body.counting === 'onOrAfter' || at < edges[period + 1]!)
    return {
      bucket: instantText(bucket),
      members: members.map(({ id }) => id),
      cells: Array.from({ length: body.periods }, (_, period) => ({
        period,
        members: members.filter(({ returns }) => returns.some((at) => isIn(at, period))).map(({ id }) => id),
        complete: edges[period + 1]! <= asOf,
      })),
    }
  })
}

const STEP_MS: Readonly<Record<string, number>> = { day: 36, week: 7 * 24 + 36, month: 31 * 24 + 36 }

/** Between a day before and a day after the end of the bucket lies its successor. */
function nextBucket(start: number, size: Granularity, zone: string): number {
  let at = start + STEP_MS[size]! * 3_600_000
  let found = bucketStart(at, size, zone)
  while (bucketStart(found - 1, size, zone) !== start) {
    at -= 12 * 3_600_000
    found = bucketStart(at, size, zone)
  }
  return found
}
