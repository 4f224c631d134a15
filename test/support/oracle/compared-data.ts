/** The expected data of a dashboard with a comparison: both ranges calculated on their own and then put side by side. */
import type { History } from './history.ts'
import { olderRangeOf } from './older-range.ts'
import { type Dashboard, type DashboardQuery, expectedDataOfRange, rangeOf } from './oracle.ts'
import { DAY_MS, instantText, type Range } from './zone.ts'

export interface ComparedQuery extends DashboardQuery {
  readonly compare: 'previous' | 'year' | 'custom'
  readonly align?: 'weekday' | 'date'
  readonly compareStart?: string
  readonly compareEnd?: string
}

type Items = readonly Readonly<Record<string, unknown>>[]
type Numbers = Readonly<Record<string, number | null>>

/** The lists whose items have their older ones, with the property that identifies an item; undefined where items are paired by their places. */
const PAIRED: Readonly<Record<Dashboard, Readonly<Record<string, string | undefined>>>> = {
  overview: { trend: undefined },
  messages: { timeSeries: undefined, byChannel: 'channel' },
  campaigns: { timeSeries: undefined },
  workflows: { timeSeries: undefined },
  sequences: { timeSeries: undefined, stepFunnel: 'stepNumber' },
  templates: {},
  traffic: { timeSeries: undefined, peakHours: 'hour', byDayOfWeek: 'day' },
}
/** The lists of which a request that names an entity shows one item. */
const OF_ONE_ENTITY: Readonly<Partial<Record<Dashboard, Readonly<Record<string, string>>>>> = {
  campaigns: { topCampaigns: 'campaignId' },
  workflows: { topWorkflows: 'workflowId' },
  sequences: { topSequences: 'sequenceId' },
  templates: { topTemplates: 'templateId', worstPerforming: 'templateId' },
}

export function expectedComparedData(
  dashboard: Dashboard,
  history: History,
  query: ComparedQuery,
  asOfMs: number,
): object {
  const zone = query.timezone ?? 'UTC'
  const range = rangeOf(dashboard, query, asOfMs)
  const isPartial = range.endMs > asOfMs
  const customRange = { startDate: query.compareStart ?? '', endDate: query.compareEnd ?? '', timezone: zone }
  const { range: whole, shift } = olderRangeOf({
    range,
    isOfDates: query.startDate === undefined || !query.startDate.includes('T'),
    zone,
    compare: query.compare,
    align: query.align ?? 'weekday',
    ...(query.compare === 'custom' && { custom: rangeOf(dashboard, customRange, asOfMs) }),
  })
  const older: Range = isPartial ? { ...whole, endMs: Math.min(whole.endMs, shift(asOfMs)) } : whole
  const elapsed = isPartial
    ? {
        ...history,
        rows: history.rows.filter(({ atMs }) => atMs <= asOfMs),
        messages: history.messages.filter(({ sending }) => sending.atMs <= asOfMs),
      }
    : history
  const data: Record<string, unknown> = { ...expectedDataOfRange(dashboard, elapsed, query, { range, asOfMs }) }
  const olderData: Record<string, unknown> = {
    ...expectedDataOfRange(dashboard, history, query, { range: older, asOfMs: shift(asOfMs) }),
  }
  const namesEntity = Object.values(OF_ONE_ENTITY[dashboard] ?? {}).some((id) => id in query)
  for (const [name, key] of Object.entries({
    ...PAIRED[dashboard],
    ...(namesEntity ? OF_ONE_ENTITY[dashboard] : {}),
  })) {
    const olderItems = olderData[name] as Items
    data[name] = (data[name] as Items).map((item, index) => ({
      ...item,
      previous: (key === undefined ? olderItems[index] : olderItems.find((each) => each[key] === item[key])) ?? null,
    }))
  }
  const firstMs = Math.min(...history.rows.map(({ atMs }) => atMs))
  const isCovered = older.startMs >= firstMs && older.startMs >= asOfMs - 731 * DAY_MS
  const [now, before] = [data, olderData].map((each) => ({
    ...(each['summary'] as Numbers),
    ...(each['engagement'] as Numbers),
  }))
  return {
    ...data,
    comparison: {
      timeRange: { start: instantText(older.startMs), end: instantText(older.endMs) },
      align: query.compare === 'custom' ? 'date' : (query.align ?? 'weekday'),
      partial: isPartial,
      elapsedUntil: isPartial ? instantText(asOfMs) : undefined,
      coverage: isCovered ? 'complete' : 'incomplete',
      summary: olderData['summary'],
      engagement: olderData['engagement'],
      change: changes(now!, before!),
    },
  }
}

function changes(now: Numbers, before: Numbers): object {
  return Object.fromEntries(
    Object.entries(before).flatMap(([name, old]) => {
      const value = now[name]!
      if (value === null || old === null) return []
      const absolute = Number((value - old).toFixed(3))
      return [changeOf(name, absolute, old)]
    }),
  )
}

function changeOf(name: string, absolute: number, old: number): [string, object] {
  if (/Rate$|Share$/.test(name)) return [name, { absolute: Number(absolute.toFixed(2)), percent: null }]
  return [name, { absolute, percent: old === 0 ? null : Math.round((absolute * 10_000) / old) / 100 }]
}
