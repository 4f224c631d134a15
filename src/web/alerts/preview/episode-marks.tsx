import type { PositionOf } from '../../charts/line/line-plot.tsx'
import { changesOf, episodesOf, type JudgedBucket } from './episodes.ts'

interface EpisodeMarksProps {
  readonly buckets: readonly JudgedBucket[]
  readonly positionOf: PositionOf
}

/** The episodes as shades of the plot, and the changes of state as marks at its upper edge. The sentences and the table say the same. */
export function EpisodeMarks({ buckets, positionOf }: EpisodeMarksProps) {
  const last = buckets.length - 1
  if (last < 0 || positionOf(0).width === 0) return null
  const [start, end] = [positionOf(0).left, positionOf(last).left]
  const half = last === 0 ? positionOf(0).height / 2 : (end - start) / last / 2
  const { top, height } = positionOf(0)
  return (
    <div class="episode-marks" aria-hidden="true">
      {episodesOf(buckets).map((episode) => {
        const from = Math.max(last === 0 ? -Infinity : start, positionOf(episode.first).left - half)
        const to = Math.min(last === 0 ? Infinity : end, positionOf(episode.last).left + half)
        return (
          <span
            key={`episode ${episode.first}`}
            class="episode-mark"
            style={{ left: `${from}px`, width: `${to - from}px`, top: `${top}px`, height: `${height}px` }}
          />
        )
      })}
      {changesOf(buckets).map((index) => (
        <span
          key={`change ${index}`}
          class="change-mark"
          data-state={buckets[index]!.state}
          style={{ left: `${positionOf(index).left}px`, top: `${top}px` }}
        />
      ))}
    </div>
  )
}
