/** Reads what a group of rules of one tenant needs, in one read. */
import { firstQuarterHour } from '../../analytics/query/coverage.ts'
import { lookbackStart } from '../backtest.ts'
import { bucketAfter, newestSettledBucket, Timeline } from '../judging/timeline.ts'
import { readSeries, type SeriesSource, type SeriesTable } from '../reading/read-series.ts'
import type { PlannedRule } from './planned-rules.ts'

/** Buckets that a rule judges at most at a time: older ones that no process has judged are left out. */
const MAX_CATCH_UP = 200

/** The buckets that a rule has to judge, by their first instants. */
export interface BucketsToJudge {
  readonly from: number
  readonly to: number
}

export interface ReadGroup {
  readonly timeline: Timeline
  readonly table: SeriesTable
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

/** `group` is not empty; its rules have the same `readKey`. Rejects as `readSeries` does. */
export async function readGroup(
  source: SeriesSource,
  group: readonly { readonly planned: PlannedRule; readonly buckets: BucketsToJudge }[],
): Promise<ReadGroup> {
  const [{ planned }] = group as [(typeof group)[number]]
  const { tenantId } = planned.definition
  const { rule } = planned
  const start = Math.min(...group.map((each) => lookbackStart(each.planned.rule, each.buckets.from)))
  const end = Math.max(...group.map(({ buckets }) => buckets.to))
  const timeline = new Timeline(rule, { start, end })
  const metrics = [...new Set(group.map((each) => each.planned.rule.metric))]
  const [table, earliest] = await Promise.all([
    readSeries(source, { ...rule, tenantId, metrics, timeline }),
    firstQuarterHour(source.port, tenantId),
  ])
  const firstStored =
    earliest === undefined || earliest >= timeline.end
      ? undefined
      : Math.max(
          0,
          timeline.starts.findLastIndex((each) => each <= earliest),
        )
  return { timeline, table, firstStored }
}
