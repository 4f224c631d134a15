/** The answer of a funnel, calculated slowly from the events that were sent: every attempt of every entity is walked through event by event. */
import { deriveEventId } from '../../../../src/events/identity.ts'
import type { History, Row } from '../history.ts'
import { type Filter, passes, valueOf, type Value } from './query-answer.ts'
import { type RangeQuery, resolveRange } from '../range.ts'
import { bucketStart, bucketStarts, DAY_MS, type Granularity, instantText } from '../zone.ts'

export interface Funnel extends RangeQuery {
  entity: 'message' | 'contact' | 'enrollment' | 'run'
  steps: { event: string; filter?: Filter; name?: string }[]
  order: 'ordered' | 'strict' | 'any'
  window: string
  exclusions?: { event: string; filter?: Filter; after: number; before: number }[]
  breakdown?: { dimension: string; of: 'entry' | 'first' | 'last' }
  trend?: Granularity
  timezone?: string
}

interface Placed {
  readonly row: Row
  readonly id: string
  readonly matches: readonly boolean[]
}

/** The attempt of an entity that counts: its events by step number or by time, or excluded. */
export interface SlowMember {
  readonly entity: string
  readonly isExcluded: boolean
  readonly enteredAt: number
  readonly chosen: readonly Placed[]
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS }
const windowMsOf = (window: string) => Number.parseInt(window, 10) * UNITS[window.at(-1)!]!

/** The id of a row whose envelope has an eventId, which its metadata repeats as `k`. */
function idOf(tenant: string, { data }: Row): string {
  const key = (data['metadata'] as { k: string }).k
  return deriveEventId(tenant, key, { stream: '', sequence: 0, storedAt: 0 })
}

function entityOf({ data, contact, enrollment }: Row, entity: Funnel['entity']): string | undefined {
  if (entity === 'contact') return contact
  if (entity === 'enrollment') return enrollment
  const id = data[entity === 'message' ? 'messageId' : 'runId']
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}

export function slowMembers(history: History, tenant: string, funnel: Funnel, untilMs: number): SlowMember[] {
  const zone = funnel.timezone ?? 'UTC'
  const range = resolveRange(funnel, '30d', zone, untilMs)
  const isMatch = (row: Row, { event, filter }: { event: string; filter?: Filter }) =>
    row.type === event && passes(filter, (name) => valueOf(history, row, name, zone))
  const rankOf = ({ matches }: Placed) => (matches.includes(true) ? matches.indexOf(true) : matches.length)
  const known = history.rows.filter((row) => row.atMs <= untilMs && entityOf(row, funnel.entity) !== undefined)
  const members: SlowMember[] = []
  for (const [entity, rows] of Map.groupBy(known, (row) => entityOf(row, funnel.entity)!)) {
    const events = rows
      .map((row): Placed => ({ row, id: idOf(tenant, row), matches: funnel.steps.map((step) => isMatch(row, step)) }))
      .toSorted((a, b) => a.row.atMs - b.row.atMs || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : 1))
    const starts = events.filter(
      ({ row, matches }) =>
        row.atMs >= range.startMs &&
        row.atMs <= range.endMs &&
        (funnel.order === 'any' ? matches.includes(true) : matches[0]),
    )
    if (starts.length === 0) continue
    const attempts = starts.map((start) => attemptOf(events, start, funnel, untilMs))
    const valid = attempts.filter(({ chosen, bySteps }) =>
      (funnel.exclusions ?? []).every(({ after, before, ...exclusion }) => {
        const [one, other] = [bySteps[after - 1], bySteps[before - 1]].map((each) => each?.row.atMs)
        if (one === undefined || other === undefined || chosen.length === 0) return true
        const [first, last] = [Math.min(one, other), Math.max(one, other)]
        return !events.some(({ row }) => row.atMs > first && row.atMs < last && isMatch(row, exclusion))
      }),
    )
    const deepest = Math.max(0, ...valid.map(({ chosen }) => chosen.length))
    const chosen = valid.find((each) => each.chosen.length === deepest)?.chosen ?? []
    const enteredAt = (chosen[0] ?? starts[0]!).row.atMs
    members.push({ entity, isExcluded: valid.length === 0, enteredAt, chosen })
  }
  return members
}

function attemptOf(events: readonly Placed[], start: Placed, { steps, order, window }: Funnel, untilMs: number) {
  const limit = Math.min(start.row.atMs + windowMsOf(window), untilMs)
  const later = events.slice(events.indexOf(start)).filter(({ row }) => row.atMs <= limit)
  if (order !== 'any') {
    const chosen = [start]
    for (const event of later.slice(1)) {
      if (chosen.length === steps.length) break
      if (event.matches[chosen.length]) chosen.push(event)
      else if (order === 'strict') break
    }
    return { chosen, bySteps: chosen as (Placed | undefined)[] }
  }
  // An event is chosen when more steps can be filled with it than without it.
  let chosen: Placed[] = []
  for (const event of later)
    if (mostSteps([...chosen, event], steps.length) > chosen.length) chosen = [...chosen, event]
  return { chosen, bySteps: stepsOf(chosen, steps.length) }
}

function mostSteps(events: readonly Placed[], stepCount: number): number {
  return stepsOf(events, stepCount).filter((each) => each !== undefined).length
}

/** Tries every way to fill the steps, and returns one that fills the most. */
function stepsOf(events: readonly Placed[], stepCount: number): (Placed | undefined)[] {
  const fill = (step: number, left: readonly Placed[]): (Placed | undefined)[] => {
    if (step === stepCount) return []
    const choices = left
      .filter(({ matches }) => matches[step])
      .map((event) => [
        event,
        ...fill(
          step + 1,
          left.filter((each) => each !== event),
        ),
      ])
    return [...choices, [undefined, ...fill(step + 1, left)]].reduce((best, each) =>
      each.filter((one) => one !== undefined).length > best.filter((one) => one !== undefined).length ? each : best,
    )
  }
  return fill(0, events)
}

/** The `ceil(q · n)`-th smallest, in seconds. */
function quantile(values: readonly number[], tenths: number): number | null {
  if (values.length === 0) return null
  return values.toSorted((a, b) => a - b)[Math.ceil((tenths * values.length) / 10) - 1]! / 1000
}

const percent = (part: number, whole: number) => (whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100)

export function slowFunnel(history: History, tenant: string, funnel: Funnel, untilMs: number) {
  const members = slowMembers(history, tenant, funnel, untilMs)
  const zone = funnel.timezone ?? 'UTC'
  const paths = members.filter(({ isExcluded }) => !isExcluded)
  const count = (list: readonly SlowMember[], step: number) => list.filter(({ chosen }) => chosen.length > step).length
  const windowMs = windowMsOf(funnel.window)
  const last = funnel.steps.length - 1
  const total = paths.flatMap(({ chosen, enteredAt }) => (chosen[last] ? [chosen[last].row.atMs - enteredAt] : []))
  return {
    entered: paths.length,
    excluded: members.length - paths.length,
    open: paths.filter(({ chosen, enteredAt }) => chosen.length <= last && enteredAt + windowMs > untilMs).length,
    steps: funnel.steps.map(({ event, name }, step) => {
      const gaps = paths.flatMap(({ chosen }) =>
        step > 0 && chosen[step] ? [chosen[step].row.atMs - chosen[step - 1]!.row.atMs] : [],
      )
      return {
        name: name ?? event,
        event,
        count: count(paths, step),
        conversionFromFirst: percent(count(paths, step), paths.length),
        conversionFromPrevious: step === 0 ? null : percent(count(paths, step), count(paths, step - 1)),
        droppedOff: step === 0 ? 0 : count(paths, step - 1) - count(paths, step),
        medianSeconds: quantile(gaps, 5),
        p90Seconds: quantile(gaps, 9),
      }
    }),
    overall: {
      conversionRate: percent(count(paths, last), paths.length),
      medianSeconds: quantile(total, 5),
      p90Seconds: quantile(total, 9),
    },
    ...(funnel.breakdown ? { breakdown: slowBreakdown(history, funnel, paths, zone) } : {}),
    ...(funnel.trend ? { trend: slowTrend(funnel, paths, zone, untilMs) } : {}),
  }
}

/** The value of an attempt in the breakdown; null for none. */
function slowValue(history: History, { breakdown, timezone }: Funnel, chosen: readonly Placed[]): Value {
  const values = chosen.map(({ row }) => valueOf(history, row, breakdown!.dimension, timezone ?? 'UTC'))
  const present = values.filter((value) => value !== null)
  if (breakdown!.of === 'first') return present[0] ?? null
  return breakdown!.of === 'last' ? (present.at(-1) ?? null) : values[0]!
}

function slowBreakdown(history: History, funnel: Funnel, paths: readonly SlowMember[], zone: string) {
  const groups = Map.groupBy(paths, ({ chosen }) => slowValue(history, { ...funnel, timezone: zone }, chosen))
  const countsOf = (list: readonly SlowMember[]) =>
    funnel.steps.map((_, step) => list.filter(({ chosen }) => chosen.length > step).length)
  const known = [...groups].filter(([value]) => value !== null)
  const sorted = known.toSorted(
    ([a, listA], [b, listB]) =>
      listB.length - listA.length || (typeof a === 'number' ? a - Number(b) : a! < b! ? -1 : 1),
  )
  const others = sorted.slice(20).flatMap(([, list]) => list)
  return [
    ...sorted.slice(0, 20).map(([key, list]) => ({ key, steps: countsOf(list) })),
    ...(others.length > 0 ? [{ key: '(other)', steps: countsOf(others) }] : []),
    ...(groups.has(null) ? [{ key: '(none)', steps: countsOf(groups.get(null)!) }] : []),
  ]
}

function slowTrend(funnel: Funnel, paths: readonly SlowMember[], zone: string, untilMs: number) {
  const range = resolveRange(funnel, '30d', zone, untilMs)
  const trend = funnel.trend!
  const starts = bucketStarts({ startMs: range.startMs, endMs: range.endMs + 40 * DAY_MS }, trend, zone)
  return starts
    .filter((start) => start <= range.endMs)
    .map((start, index) => {
      const inside = paths.filter(({ enteredAt }) => bucketStart(enteredAt, trend, zone) === start)
      const converted = inside.filter(({ chosen }) => chosen.length === funnel.steps.length).length
      return {
        timestamp: instantText(start),
        entered: inside.length,
        converted,
        conversionRate: percent(converted, inside.length),
        complete: starts[index + 1]! + windowMsOf(funnel.window) <= untilMs,
      }
    })
}
