import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Column } from '../../components/table/column.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { Note } from '../../components/note.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { createBucketFormatter } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'
import { drillAddress } from '../../drill-down/drill-link.tsx'
import { type BucketDrills, bucketDrills, BucketLinks, type ChosenBucket } from '../bucket-links.tsx'
import { Legend } from '../legend.tsx'
import { LinePlot } from './line-plot.tsx'
import { bucketStates, type SeriesProps } from '../series.ts'
import { type SeriesData, seriesData } from './series-data.ts'
import { timeTicks } from './time-ticks.ts'
import { describeBucket, Tooltip } from '../tooltip.tsx'

/** Counts over time as lines, with a table of the same numbers. */
export function LineChart<Point>(props: SeriesProps<Point>) {
  const { title, unit = 'count', lines, points, previousPoints, zone, granularity } = props
  const { chart } = messages()
  const lineIds = lines.map(({ id }) => id).join(' ')
  const states = bucketStates(props).join()
  // An update that changes no number keeps the data, so that nothing is drawn again.
  const data = useMemo(() => seriesData(props), [points, previousPoints, lineIds, zone, granularity, states])
  const formatBucket = useMemo(() => createBucketFormatter(granularity, zone), [granularity, zone])
  const cursor = useSignal<number | undefined>(undefined)
  const hiddenLines = useSignal<ReadonlySet<string>>(new Set())
  // Several lines with their previous periods are too many to start with.
  const showsPrevious = useSignal(lines.length === 1)
  /** The bucket that the user chose to look behind. */
  const chosen = useSignal<ChosenBucket | undefined>(undefined)
  const drillOf = bucketDrills(props, data)
  const reading = { unit, lines, data, granularity, formatBucket, hiddenLines, showsPrevious }
  return (
    <div class="chart">
      <Tabs
        label={chart.display(title)}
        tabs={[
          {
            id: 'chart',
            label: chart.chart,
            content: () => (
              <>
                <Legend {...reading} cursor={cursor} />
                <p class="chart-unit">{chart.perBucket[granularity]}</p>
                <LinePlot
                  key={lineIds}
                  title={title}
                  {...reading}
                  cursor={cursor}
                  onChoose={drillOf && ((index, isByKey) => (chosen.value = { index, isByKey }))}
                  ticks={(maxCount) => timeTicks(data.starts, granularity, zone, maxCount)}
                  describe={(index) => describeBucket(index, reading)}
                >
                  {(positionOf) => <Tooltip {...reading} cursor={cursor} positionOf={positionOf} />}
                </LinePlot>
                {drillOf && <BucketLinks {...reading} {...{ chosen, drillOf }} />}
              </>
            ),
          },
          {
            id: 'table',
            label: chart.table,
            content: () => (
              <div class="chart-table">
                <DataTable<number>
                  id={`series ${lineIds}`}
                  caption={title}
                  rows={data.starts.map((_, index) => index)}
                  isPlain
                  rowKey={String}
                  columns={columnsOf<Point>(props, data, formatBucket, showsPrevious.value, drillOf)}
                />
              </div>
            ),
          },
        ]}
      />
      {data.states.includes('immature') && <Note>{props.immatureNote ?? chart.immatureNote}</Note>}
    </div>
  )
}

/** The columns of the table of a chart; its rows are the indexes of the buckets. */
function columnsOf<Point>(
  { lines, points, unit = 'count', drills }: Pick<SeriesProps<Point>, 'lines' | 'points' | 'unit' | 'drills'>,
  { starts, states, values, previous, sums }: SeriesData,
  formatBucket: (start: number) => string,
  showsPrevious: boolean,
  drillOf: BucketDrills | undefined,
): Column<number>[] {
  const { chart } = messages()
  return [
    {
      id: 'from',
      label: chart.from,
      kind: 'label',
      value: (index) => starts[index]!,
      text: (index) => {
        const name = formatBucket(starts[index]!)
        const state = states[index]!
        return state === 'incomplete' || state === 'immature' ? `${name} (${chart[state]})` : name
      },
    },
    ...lines.map(({ id, label, link }, line): Column<number> => ({
      id,
      label,
      kind: unit,
      value: (index) => values[line]![index]!,
      total: unit === 'count' ? sums[line]! : undefined,
      link: link
        ? { key: id, to: (index) => link(points[index]!) }
        : drillOf && {
            key: drills!.key,
            to: (index) => {
              const drill = drillOf(line, index)
              return drill && drillAddress(drill, label)
            },
          },
    })),
    ...(previous && showsPrevious ? lines : []).map(({ id, label }, line): Column<number> => ({
      id: `previous-${id}`,
      label: chart.previousOf(label),
      kind: unit,
      value: (index) => previous!.values[line]![index]!,
      isOptional: true,
    })),
  ]
}
