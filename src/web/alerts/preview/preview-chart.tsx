import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { LinePlot } from '../../charts/line/line-plot.tsx'
import { timeTicks } from '../../charts/line/time-ticks.ts'
import { Tabs } from '../../components/tabs.tsx'
import { createBucketFormatter } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'
import { formatMetric, unitOf } from '../../metrics/metric-value.ts'
import type { RuleDraft } from '../rule-draft.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import type { JudgedBucket } from './episodes.ts'
import { EpisodeMarks } from './episode-marks.tsx'
import { PreviewTable } from './preview-table.tsx'
import { boundsOf, type PreviewLine, previewData } from './preview-data.ts'

const COLOURS = { value: 'sent', upper: 'bounced', lower: 'opened' } as const

interface PreviewChartProps {
  readonly rule: RuleDraft
  readonly buckets: readonly JudgedBucket[]
}

/** The judged values with the bounds of the detector, the episodes shaded and the changes of state marked; and the same as a table. */
export function PreviewChart({ rule, buckets }: PreviewChartProps) {
  const { preview, states } = alertTexts()
  const { chart, metrics } = messages()
  const { metric, granularity, timezone } = rule
  const cursor = useSignal<number | undefined>(undefined)
  const hiddenLines = useSignal<ReadonlySet<string>>(new Set())
  const showsPrevious = useSignal(false)
  // A detector names no bounds where it has too little to compare with.
  const bounds = boundsOf(rule).filter((name) => buckets.some(({ expected }) => expected?.[name] !== undefined))
  const data = useMemo(() => previewData(buckets, bounds), [buckets, bounds.join()])
  const formatBucket = useMemo(() => createBucketFormatter(granularity, timezone), [granularity, timezone])
  const names: Readonly<Record<PreviewLine, string>> = {
    value: metrics[metric].label,
    upper: preview.upper,
    lower: preview.lower,
  }
  const lines = (['value', ...bounds] as const).map((id) => ({ id, colour: COLOURS[id] }))
  const text = (value: number | null | undefined) => formatMetric(metric, value ?? null)
  const describe = (index: number) => {
    const { bucket, value, expected, state, verdict } = buckets[index]!
    const limits = bounds.flatMap((name) =>
      expected?.[name] === undefined ? [] : [`${names[name]} ${text(expected[name])}`],
    )
    const values = [`${names.value} ${text(value)}`, ...limits, states[state], preview.verdicts[verdict]]
    return `${formatBucket(Date.parse(bucket))}: ${values.join(', ')}`
  }
  return (
    <div class="chart">
      <Tabs
        label={chart.display(preview.title)}
        tabs={[
          {
            id: 'chart',
            label: chart.chart,
            content: () => (
              <>
                <ul class="preview-legend" role="list">
                  {lines.map(({ id, colour }) => (
                    <li key={id}>
                      <span
                        class={id === 'value' ? 'swatch' : 'swatch bound'}
                        style={{ '--series': `var(--series-${colour})` }}
                      />
                      {names[id]}
                    </li>
                  ))}
                  <li>
                    <span class="swatch episode" />
                    {preview.episodesLegend}
                  </li>
                  <li>
                    <span class="swatch change" />
                    {preview.changesLegend}
                  </li>
                </ul>
                <p class="chart-unit">
                  {unitOf(metric) === 'seconds'
                    ? `${chart.perBucket[granularity]} · ${preview.seconds}`
                    : chart.perBucket[granularity]}
                </p>
                <LinePlot
                  key={bounds.join()}
                  title={preview.title}
                  unit={unitOf(metric) === 'percent' ? 'rate' : 'count'}
                  isFine
                  {...{ lines, data, cursor, hiddenLines, showsPrevious, describe }}
                  ticks={(maxCount) => timeTicks(data.starts, granularity, timezone, maxCount)}
                >
                  {(positionOf) => (
                    <>
                      <EpisodeMarks buckets={buckets} positionOf={positionOf} />
                      {cursor.value !== undefined && buckets[cursor.value] && (
                        <PreviewTooltip text={describe(cursor.value)} {...positionOf(cursor.value)} />
                      )}
                    </>
                  )}
                </LinePlot>
              </>
            ),
          },
          {
            id: 'table',
            label: chart.table,
            content: () => <PreviewTable {...{ rule, buckets, bounds, names, formatBucket }} />,
          },
        ]}
      />
    </div>
  )
}

interface PreviewTooltipProps {
  readonly text: string
  readonly left: number
  readonly width: number
}

function PreviewTooltip({ text, left, width }: PreviewTooltipProps) {
  return (
    <div
      class="chart-tooltip"
      aria-hidden="true"
      style={
        left > width / 2
          ? { right: `${width - left}px`, left: 'auto', maxWidth: `${left}px` }
          : { left: `${left}px`, maxWidth: `${width - left}px` }
      }
    >
      {text}
    </div>
  )
}
