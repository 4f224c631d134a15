/** The next record of a rule from its settled buckets: a pure function of the record before and of what was read. */
import type { Measurement } from '../detectors/verdict.ts'
import { announcementOf } from '../judging/alert-state.ts'
import { FiredBuckets } from '../judging/fired-buckets.ts'
import { SeriesTracker } from '../judging/track-series.ts'
import { REFERENCE_WEEKS, type Timeline, WEEK_MS } from '../judging/timeline.ts'
import type { SeriesKey, SeriesTable } from '../reading/read-series.ts'
import type { AlertRule } from '../rules/resolve-rule.ts'
import { RULE_LIMITS } from '../rules/rule-limits.ts'
import { type AlertRecord, KEPT_TRANSITIONS, type RecordedTransition, type SeriesRecord } from './alert-record.ts'

export interface Evaluation {
  readonly rule: AlertRule
  readonly judgedSince: number
  /** Nobody is told of what is judged before this instant. */
  readonly snoozedUntil: number
  readonly timeline: Timeline
  readonly table: SeriesTable
  /** The index of the first bucket in which the tenant has an event; undefined without one. */
  readonly firstStored: number | undefined
  /** The first and the last bucket to judge, as indexes of the timeline. */
  readonly from: number
  readonly to: number
  /** The instant of the evaluation. */
  readonly now: number
}

/** `before` is the record of the same rule; its states are taken over only if it is of the same `judgedSince`. */
export function evaluateRule(before: AlertRecord | undefined, evaluation: Evaluation): AlertRecord {
  const { judgedSince, timeline, to } = evaluation
  const known = before?.judgedSince === judgedSince ? before.series : []
  const states = new Map(known.map((each) => [each.series, each]))
  const transitions: RecordedTransition[] = []
  const series = keysOf(evaluation, known).flatMap((key) => {
    const next = evaluateSeries(key, states.get(key), evaluation)
    transitions.push(...next.transitions)
    return next.record
  })
  const bucket = timeline.starts[to]!
  transitions.sort((a, b) => a.bucket - b.bucket)
  const announced = transitions.filter(({ announcement, isSilenced }) => announcement && !isSilenced)
  return {
    judgedSince,
    bucket,
    series: withoutForgotten(series, bucket),
    transitions: [...(before?.transitions ?? []), ...transitions].slice(-KEPT_TRANSITIONS),
    outbox: announced,
  }
}

/** A series that has had nothing for so long is forgotten: it begins anew with its next event. */
const FORGOTTEN_AFTER_MS = REFERENCE_WEEKS * WEEK_MS

/** The series without those that ended, and at most as many as a rule may have: the ones that were seen last. */
function withoutForgotten(series: readonly SeriesRecord[], bucket: number): readonly SeriesRecord[] {
  const kept = series.filter(
    ({ seen, state }) => seen === undefined || state.name !== 'normal' || bucket - seen < FORGOTTEN_AFTER_MS,
  )
  if (kept.length <= RULE_LIMITS.series) return kept
  const rankOf = ({ seen = 0, state }: SeriesRecord) => (state.name === 'normal' ? seen : Infinity)
  return kept.toSorted((a, b) => rankOf(b) - rankOf(a) || 0).slice(0, RULE_LIMITS.series)
}

/** The series that were read, and those that had something before: they are judged although they have nothing now. */
function keysOf({ rule, table }: Evaluation, known: readonly SeriesRecord[]): readonly SeriesKey[] {
  if (rule.splitBy === undefined) return [null]
  return [...new Set([...known.map(({ series }) => series), ...table.keys])]
}

function evaluateSeries(series: SeriesKey, known: SeriesRecord | undefined, evaluation: Evaluation) {
  const { rule, timeline, table, firstStored, to, now, snoozedUntil } = evaluation
  const values = table.of(series, rule.metric)
  const tracker = new SeriesTracker(rule, known?.state, new FiredBuckets(known?.fired))
  const transitions: RecordedTransition[] = []
  let { since, seen, isAnnounced = false } = known ?? {}
  // A series that is seen for the first time begins with its first event.
  const first = rule.splitBy === undefined || known ? firstStored : values.first
  for (let index = Math.max(evaluation.from, first ?? Infinity); index <= to; index++) {
    if (rule.splitBy !== undefined && isPresent(values.at(index))) seen = timeline.starts[index]!
    const change = tracker.judge({ timeline, values, firstStored: firstStored ?? 0 }, index)
    if (!change) continue
    since = change.bucket
    const announcement = announcementOf(change.from, change.to)
    const isSilenced =
      announcement === undefined
        ? undefined
        : now < snoozedUntil
          ? 'snoozed'
          : announcement === 'resolved' && !isAnnounced
            ? 'begin not announced'
            : undefined
    if (announcement) isAnnounced = announcement === 'firing' && isSilenced === undefined
    transitions.push({
      series,
      ...change,
      end: timeline.rangeOf(index, index).end + 1,
      at: now,
      ...(announcement ? { announcement } : {}),
      ...(isSilenced ? { isSilenced } : {}),
    })
  }
  const last = tracker.last ?? known
  if (!last) return { transitions, record: [] }
  const record: SeriesRecord = {
    series,
    state: tracker.state,
    ...(since === undefined ? {} : { since }),
    ...(seen === undefined ? {} : { seen }),
    outcome: last.outcome,
    value: last.value,
    ...(tracker.fired.runs.length > 0 ? { fired: tracker.fired.runs } : {}),
    ...(isAnnounced ? { isAnnounced } : {}),
  }
  return { transitions, record: [record] }
}

function isPresent({ value, whole }: Measurement): boolean {
  return whole === undefined ? value !== null && value !== 0 : whole > 0
}
