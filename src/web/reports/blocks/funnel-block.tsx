import { analysisTexts } from '../../analysis/texts/analysis-texts.ts'
import type { Granularity } from '../../../analytics/time/buckets.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { formatDuration } from '../../format/durations.ts'
import type { FunnelAnswer } from '../../funnels/funnel-answer.ts'
import { funnelOf } from '../../funnels/funnel-definition.ts'
import { shownStepName } from '../../funnels/funnel-names.ts'
import { FunnelFacts } from '../../funnels/funnel-result.tsx'
import { FunnelSteps } from '../../funnels/funnel-steps.tsx'
import { ConversionChart } from '../../funnels/funnel-trend.tsx'
import { reportTexts } from '../texts/report-texts.ts'
import type { BlockProps } from './block-props.ts'

/** The answer about a funnel. */
export function FunnelBlock({ block, data, chart, zone, asOf, id }: BlockProps<FunnelAnswer>) {
  const { funnel: texts } = analysisTexts()
  const { table } = reportTexts()
  const { entered, excluded, steps, trend } = data
  const funnel = funnelOf(block.body)
  const { title } = block
  if (entered === 0 && excluded === 0) return <p>{texts.none}</p>
  if (chart === 'number') return <FunnelFacts {...{ funnel, answer: data }} />
  if (chart === 'line' && trend)
    return <ConversionChart {...{ title, trend, zone, asOf }} granularity={block.body['trend'] as Granularity} />
  if (chart !== 'table') return <FunnelSteps {...{ funnel, steps }} />
  return (
    <DataTable<number>
      id={id}
      caption={title}
      isPlain
      rows={steps.map((_, index) => index)}
      rowKey={String}
      columns={[
        {
          id: 'step',
          label: table.step,
          kind: 'label',
          value: (index) => shownStepName(funnel, index),
          isUnordered: true,
        },
        { id: 'count', label: table.count, kind: 'count', value: (index) => steps[index]!.count },
        { id: 'first', label: table.ofFirst, kind: 'rate', value: (index) => steps[index]!.conversionFromFirst },
        { id: 'before', label: table.ofPrevious, kind: 'rate', value: (index) => steps[index]!.conversionFromPrevious },
        {
          id: 'median',
          label: texts.median,
          kind: 'count',
          format: formatDuration,
          value: (index) => steps[index]!.medianSeconds,
        },
      ]}
    />
  )
}
