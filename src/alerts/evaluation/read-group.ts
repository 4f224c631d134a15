/** Reads what a group of rules of one tenant needs, in one read. */
import { firstQuarterHour } from '../../analytics/query/coverage.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import { lookbackStart } from '../backtest.ts'
import { bucketsNeeded } from '../judging/judge-bucket.ts'
import { bucketAfter, newestSettledBucket, Timeline } from '../judging/timeline.ts'
import { isOfChannels, seriesOfChannels } from '../reading/channel-series.ts'
import { readSeries, type SeriesSource, type SeriesTable } from '../reading/read-series.ts'
import type { AlertRule } from '../rules/resolve-rule.ts'
import type { PlannedRule } from './planned-rules.ts'

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
      if (monotonic - readAt > EARLIEST_LIFETIME_MS) this.#earliest.delete(tenantId)
  }

  /**
   * Reads the buckets that each rule needs. `group` is not empty; its rules have the same `readKey`. `depth`: `newest` reads of a silence only the buckets to judge, which is
   * enough where they have events. Rejects as `readSeries` does.
   */
  async read(
    source: SeriesSource,
    group: readonly DueRule[],
    depth: 'newest' | 'all',
    monotonic: number,
  ): Promise<ReadGroup> {
    const [{ planned }] = group as [DueRule]
    const { tenantId } = planned.definition
    const { rule } = planned
    const end = Math.max(...group.map(({ buckets }) => buckets.to))
    const start = Math.min(
      ...group.map((each) =>
        isShallow(each.planned.rule, depth) ? each.buckets.from : lookbackStart(each.planned.rule, each.buckets.from),
      ),
    )
    const timeline = this.#timelineOf(rule, start, end)
    const metrics = [...new Set(group.map((each) => each.planned.rule.metric))]
    const isShared = isOfChannels(rule)
    const selection = isShared ? ({ splitBy: 'channel', filter: undefined } as const) : rule
    const { filter, splitBy } = selection
    const indexes = indexesOf(group, timeline, depth)
    const [table, earliest] = await Promise.all([
      readSeries(source, { tenantId, metrics, filter, splitBy, zone: rule.zone, timeline, indexes }),
      this.#earliestOf(source.port, tenantId, monotonic),
    ])
    const firstStored =
      earliest === undefined || earliest >= timeline.end
        ? undefined
        : Math.max(
            0,
            timeline.starts.findLastIndex((each) => each <= earliest),
          )
    const buckets = timeline.starts.length
    return { timeline, tableOf: (each) => (isShared ? seriesOfChannels(table, each, buckets) : table), firstStored }
  }

  #timelineOf(rule: AlertRule, start: number, end: number): Timeline {
    const key = JSON.stringify([rule.granularity, rule.zone.name, start, end])
    const known = this.#timelines.get(key)
    if (known) return known
    const timeline = new Timeline(rule, { start, end })
    this.#timelines.set(key, timeline)
    return timeline
  }

  async #earliestOf(port: QueryPort, tenantId: string, monotonic: number): Promise<number | undefined> {
    const known = this.#earliest.get(tenantId)
    if (known) return known.at
    const at = await firstQuarterHour(port, tenantId)
    // A tenant without events may have one at any moment.
    if (at !== undefined) this.#earliest.set(tenantId, { at, readAt: monotonic })
    return at
  }
}

/** Older events may be imported meanwhile. */
const EARLIEST_LIFETIME_MS = 3_600_000

function isShallow(rule: AlertRule, depth: 'newest' | 'all'): boolean {
  const { detector } = rule
  return depth === 'newest' && detector.kind === 'silence' && !isOfChannels(rule)
}

function indexesOf(group: readonly DueRule[], timeline: Timeline, depth: 'newest' | 'all'): readonly number[] {
  const needed = new Set<number>()
  for (const { planned, buckets } of group) {
    const { rule } = planned
    const [from, to] = [timeline.starts.indexOf(buckets.from), timeline.starts.indexOf(buckets.to)]
    const detector = isShallow(rule, depth) ? ({ kind: 'threshold' } as const) : rule.detector
    for (const index of bucketsNeeded(detector, timeline, from, to)) needed.add(index)
  }
  return [...needed].toSorted((a, b) => a - b)
}

/** Whether a silence can be judged without the buckets before: all of its series have events in every bucket to judge. */
export function isDecided({ planned, buckets }: DueRule, { timeline, tableOf }: ReadGroup): boolean {
  const { rule, stored } = planned
  if (!isShallow(rule, 'newest')) return true
  const table = tableOf(rule)
  const known = stored?.record.series.map(({ series }) => series) ?? []
  const keys = rule.splitBy === undefined ? [null] : [...new Set([...known, ...table.keys])]
  const [from, to] = [timeline.starts.indexOf(buckets.from), timeline.starts.indexOf(buckets.to)]
  return keys.every((key) => {
    const values = table.of(key, rule.metric)
    for (let index = from; index <= to; index++) if (values.at(index).value === 0) return false
    return true
  })
}
