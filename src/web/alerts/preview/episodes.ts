/** The episodes of a back-test: from the bucket at which a rule began to fire to the last one before it was normal again. */
import type { ShownBacktest } from '../../../http/alerts/history-data.ts'

export type ShownSeries = NonNullable<ShownBacktest['shown']>[number]
export type JudgedBucket = ShownSeries['buckets'][number]

export interface Episode {
  /** Indexes of buckets, both included. */
  readonly first: number
  readonly last: number
  /** Whether the episode had not ended with the last bucket. */
  readonly isOpen: boolean
}

const isInEpisode = ({ state }: JudgedBucket) => state === 'firing' || state === 'recovering'

export function episodesOf(buckets: readonly JudgedBucket[]): Episode[] {
  const episodes: Episode[] = []
  let first: number | undefined
  for (const [index, bucket] of buckets.entries()) {
    if (isInEpisode(bucket)) first ??= index
    else if (first !== undefined) {
      episodes.push({ first, last: index - 1, isOpen: false })
      first = undefined
    }
  }
  if (first !== undefined) episodes.push({ first, last: buckets.length - 1, isOpen: true })
  return episodes
}

/** The buckets at which the state changed. A series begins in the state normal. */
export function changesOf(buckets: readonly JudgedBucket[]): number[] {
  return buckets.flatMap(({ state }, index) => (state === (buckets[index - 1]?.state ?? 'normal') ? [] : [index]))
}
