/** Reads what a group of rules of one tenant needs, in one read. */
import { firstQuarterHour } from '../../analytics/query/coverage.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import { lookbackStart } from '../backtest.ts'
import { bucketsNeeded, lookbackOf } from '../judging/judge-bucket.ts'
import { bucketAfter, newestSettledBucket, Timeline } from '../judging/timeline.ts'
import { isOfChannels, seriesOfChannels } from '../reading/channel-series.ts'
import { readSeries, type SeriesSource, type SeriesTable } from '../reading/read-series.ts'
import type { AlertRule } from '../rules/resolve-rule.ts'
import type { PlannedRule } from './planned-rules.ts'

/** How far a silence is followed into the past: most series had their last event a short time ago. */
export const DEPTHS = ['newest', 'recent', 'all'] as const
type Depth = (typeof DEPTHS)[number]
/** The buckets by which a silence may have begun before those to judge; undefined for as long as it is measured. */
const SILENCES: Readonly<Record<Depth, number | undefined>> = { newest: 0, recent: 48, all: undefined }

/** Buckets that a rule judges at most at a time: older ones that no process has judged are left out. */
const MAX_CATCH_UP = 200

/** The buckets that a rule has to judge, by their first instants. */
export interface BucketsToJudge {
  readonly from: number
  readonly to: number
}

export interface DueRule {
  readonly planned: PlannedRule
  readonly buckets: BucketsToJudge
}

export interface ReadGroup {
  readonly timeline: Timeline
  /** The series of a rule of the group. */
  readonly tableOf: (rule: AlertRule) => SeriesTable
  readonly firstStored: number | undefined
}

/** What a rule has to judge at `now`; undefined when it is up to date. A rule that begins anew judges the newest settled bucket. */
export function bucketsToJudge({ rule, definition, stored }: PlannedRule, now: number): BucketsToJudge | undefined {
  const to = newestSettledBucket(rule, rule.settleMs, now)
  const record = stored?.record
  if (record?.judgedSince !== definition.body.judgedSince) return { from: to, to }
  if (record.bucket >= to) return undefined
  const { starts } = new Timeline(rule, { start: bucketAfter(rule, record.bucket), end: to })
  return { from: starts.at(-MAX_CATCH_UP) ?? starts[0] ?? to, to }
}

/** What rounds share: the buckets of each granularity and zone, which most groups have in common, and since when each tenant has events. */
export class GroupReader {
  readonly #timelines = new Map<string, Timeline>()
  readonly #earliest = new Map<string, { readonly at: number; readonly readAt: number }>()

  /** Forgets what is not needed in the next round, which begins at `monotonic`. */
  beginRound(monotonic: number): void {
    this.#timelines.clear()
    for (const [tenantId, { readAt }] of this.#earliest)
      if (monotonic - readAt > EARLIEST_LIFETIME_MAX_MS) this.#earliest.delete(tenantId)
  }

  /** Reads the buckets that each rule needs. `group` is not empty; its rules have the same `readKey`. Rejects as `readSeries` does. */
  async read(source: SeriesSource, group: readonly DueRule[], depth: Depth, monotonic: number): Promise<ReadGroup> {
    const [{ planned }] = group as [DueRule]
    const { tenantId } = planned.definition
    const { rule } = planned
    const end = Math.max(...group.map(({ buckets }) => buckets.to))
    const start = Math.min(
      ...group.map((each) =>
        lookbackStart(each.planned.rule, each.buckets.from, lookbackOf(each.planned.rule.detector, SILENCES[depth])),
      ),
    )
    const timeline = this.#timelineOf(rule, start, end)
    const metrics = [...new Set(group.map((each) => each.planned.rule.metric))]
    const isShared = isOfChannels(rule)
    const selection = isShared ? ({ splitBy: 'channel', filter: undefined } as const) : rule
    const { filter, splitBy } = selection
    const needed = indexesNeeded(group, timeline, depth)
    const [table, earliest] = await Promise.all([
      readSeries(source, { tenantId, metrics, filter, splitBy, zone: rule.zone, timeline, indexes: needed }),
      this.#earliestOf(source.port, tenantId, timeline, monotonic),
    ])
    const firstStored =
      earliest === undefined || earliest >= timeline.end
        ? undefined
        : Math.max(
            0,
            timeline.starts.findLastIndex((each) => each <= earliest),
          )
    return { timeline, tableOf: (each) => (isShared ? seriesOfChannels(table, each) : table), firstStored }
  }

  #timelineOf(rule: AlertRule, start: number, end: number): Timeline {
    const key = JSON.stringify([rule.granularity, rule.zone.name, start, end])
    const known = this.#timelines.get(key)
    if (known) return known
    const timeline = new Timeline(rule, { start, end })
    this.#timelines.set(key, timeline)
    return timeline
  }

  async #earliestOf(
    port: QueryPort,
    tenantId: string,
    { starts: [first = 0] }: Timeline,
    monotonic: number,
  ): Promise<number | undefined> {
    const known = this.#earliest.get(tenantId)
    // Older events may be imported meanwhile, which matters only where they are looked at.
    if (known && (known.at <= first || monotonic - known.readAt < EARLIEST_LIFETIME_MS)) return known.at
    const at = await firstQuarterHour(port, tenantId)
    // A tenant without events may have one at any moment.
    if (at !== undefined) this.#earliest.set(tenantId, { at, readAt: monotonic })
    return at
  }
}

/** How long the first event of a tenant counts as the first where it lies within what is looked at; an hourly rule reads it each time. */
const EARLIEST_LIFETIME_MS = 1_800_000
/** The same where it lies before: only an erasure of events changes what follows from it. */
const EARLIEST_LIFETIME_MAX_MS = 86_400_000

function indexesNeeded(group: readonly DueRule[], timeline: Timeline, depth: Depth): readonly number[] {
  const needed = new Set<number>()
  for (const { planned, buckets } of group) {
    const { from, to } = indexesToJudge(buckets, timeline)
    const silence = SILENCES[depth]
    for (const index of bucketsNeeded(planned.rule.detector, timeline, { from, to, silence })) needed.add(index)
  }
  return [...needed].toSorted((a, b) => a - b)
}

function indexesToJudge({ from, to }: BucketsToJudge, { starts }: Timeline) {
  return { from: starts.indexOf(from), to: starts.indexOf(to) }
}

/** Whether a read of a depth is enough to judge a rule: of a silence, it contains the last event of each series, or all buckets of the tenant. */
export function isDecided({ planned, buckets }: DueRule, { timeline, tableOf, firstStored }: ReadGroup, depth: Depth) {
  const { rule, stored } = planned
  const silence = SILENCES[depth]
  if (rule.detector.kind !== 'silence' || silence === undefined) return true
  const table = tableOf(rule)
  const known = stored?.record.series.map(({ series }) => series) ?? []
  const keys = rule.splitBy === undefined ? [null] : [...new Set([...known, ...table.keys])]
  const { from, to } = indexesToJudge(buckets, timeline)
  if (firstStored === undefined || from - silence < firstStored) return true
  return keys.every((key) => {
    const values = table.of(key, rule.metric)
    const isEmpty = (index: number) => values.at(index).value === 0
    // Without references, an empty bucket cannot be judged.
    if (silence === 0) return !indexes(from, to).some(isEmpty)
    return !indexes(from - silence, from).every(isEmpty)
  })
}

/** The numbers from one to another. */
function indexes(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, offset) => from + offset)
}
