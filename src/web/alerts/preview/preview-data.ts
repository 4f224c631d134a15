/** The judged buckets as the lines of a chart. */
import type { SeriesData, Value } from '../../charts/line/series-data.ts'
import type { RuleDraft } from '../rule-draft.ts'
import type { JudgedBucket } from './episodes.ts'

export type Bound = 'upper' | 'lower'
export type PreviewLine = 'value' | Bound

/** The bounds that a detector has in the direction in which it fires. */
export function boundsOf({ detector }: Pick<RuleDraft, 'detector'>): readonly Bound[] {
  const { kind, above, below, direction = 'both' } = detector
  switch (kind) {
    case 'threshold':
      return [
        ...(above === undefined ? [] : (['upper'] as const)),
        ...(below === undefined ? [] : (['lower'] as const)),
      ]
    case 'rareRate':
      return ['upper']
    case 'silence':
      return []
    default:
      return direction === 'both' ? ['upper', 'lower'] : direction === 'up' ? ['upper'] : ['lower']
  }
}

/** The values, and then the bounds, which are drawn like values that may still change: dashed. */
export function previewData(buckets: readonly JudgedBucket[], bounds: readonly Bound[]): SeriesData {
  const values: readonly (readonly Value[])[] = [
    buckets.map(({ value }) => value),
    ...bounds.map((bound) => buckets.map(({ expected }) => expected?.[bound] ?? null)),
  ]
  return {
    starts: buckets.map(({ bucket }) => Date.parse(bucket)),
    states: buckets.map(() => 'complete'),
    values,
    open: values.map((line, index) => line.map(() => index > 0)),
    previous: undefined,
    sums: values.map(() => 0),
  }
}
