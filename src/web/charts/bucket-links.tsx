import type { Signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Drill } from '../../analytics/drill-down/drill.ts'
import { DrillLink } from '../drill-down/drill-link.tsx'
import { messages } from '../messages/messages.ts'
import { valueText } from './legend.tsx'
import type { ChartUnit, Line, SeriesProps } from './series.ts'
import type { SeriesData } from './line/series-data.ts'

/** The search behind the value of a line in a bucket, both by their index. */
export type BucketDrills = (line: number, bucket: number) => Drill | undefined

/** The searches behind the values of a chart; undefined where no line has any. */
export function bucketDrills<Point>(
  { lines, drills, metricOf = {} }: SeriesProps<Point>,
  { starts, values }: SeriesData,
): BucketDrills | undefined {
  const metrics = lines.map(({ id }) => metricOf[id] ?? id)
  if (!drills || !metrics.some((metric) => drills.of(metric))) return undefined
  return (line, bucket) => {
    const range = { start: starts[bucket]!, end: (starts[bucket + 1] ?? Infinity) - 1 }
    return drills.of(metrics[line]!, { value: values[line]![bucket] ?? null, range })
  }
}

/** A bucket that the user chose, by its index. */
export interface ChosenBucket {
  readonly index: number
  /** Whether the keyboard chose it. */
  readonly isByKey: boolean
}

interface BucketLinksProps {
  readonly unit: ChartUnit
  readonly lines: readonly Pick<Line<never>, 'id' | 'label' | 'colour'>[]
  readonly data: SeriesData
  readonly formatBucket: (start: number) => string
  readonly hiddenLines: Signal<ReadonlySet<string>>
  readonly chosen: Signal<ChosenBucket | undefined>
  readonly drillOf: BucketDrills
}

/** Below a chart: the values of the bucket that the user chose, each of them a link to what is behind it. Before a choice, how to make one. */
export function BucketLinks({ unit, lines, data, formatBucket, hiddenLines, chosen, drillOf }: BucketLinksProps) {
  const { chart } = messages()
  const group = useRef<HTMLDivElement>(null)
  const choice = chosen.value
  const bucket = choice && choice.index < data.starts.length ? choice.index : undefined
  useLayoutEffect(() => {
    // A user of the keyboard goes on with the links.
    if (choice?.isByKey === true) group.current?.querySelector('a')?.focus({ preventScroll: true })
  }, [choice])
  if (bucket === undefined) return <p class="note bucket-links">{chart.behindHint}</p>
  const name = formatBucket(data.starts[bucket]!)
  return (
    <div ref={group} class="bucket-links" role="group" aria-label={chart.behind(name)}>
      <strong>{name}</strong>
      {lines.map(
        ({ id, label, colour }, line) =>
          !hiddenLines.value.has(id) && (
            <span key={id} class="bucket-link">
              <span class="swatch" aria-hidden="true" style={{ '--series': `var(--series-${colour})` }} />
              {label}{' '}
              <DrillLink drill={drillOf(line, bucket)} label={`${label}, ${name}`}>
                {valueText(data.values[line]![bucket], unit)}
              </DrillLink>
            </span>
          ),
      )}
    </div>
  )
}
