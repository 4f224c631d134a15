import type { DimensionName } from '../../analytics/dimensions.ts'
import type { Drill } from '../../analytics/drill-down/drill.ts'
import { rate } from '../../analytics/rates.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { narrowedDrill } from '../analysis/member-drill.ts'
import { Card } from '../components/card.tsx'
import type { Column } from '../components/table/column.ts'
import { DataTable } from '../components/table/data-table.tsx'
import { Tabs } from '../components/tabs.tsx'
import { drillAddress, DrillLink } from '../drill-down/drill-link.tsx'
import { valueText } from '../filters/filter-text.ts'
import { formatCount, formatRate } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import type { FunnelAnswer } from './funnel-answer.ts'
import type { FunnelDefinition } from './funnel-definition.ts'
import { shownStepName } from './funnel-names.ts'

type BreakdownRow = NonNullable<FunnelAnswer['breakdown']>[number]

interface FunnelBreakdownProps {
  readonly funnel: FunnelDefinition
  readonly rows: readonly BreakdownRow[]
  /** The steps of all values. */
  readonly steps: FunnelAnswer['steps']
}

/** The steps of each value of a dimension: as bars, and as a table. */
export function FunnelBreakdown({ funnel, rows, steps }: FunnelBreakdownProps) {
  const { funnel: texts } = analysisTexts()
  const { chart, dimensions } = messages()
  const dimension = dimensions[funnel.breakdown!.dimension]
  const title = texts.brokenDown(dimension)
  const totals = funnel.steps.map((_, step) => rows.reduce((sum, row) => sum + (row.steps[step] ?? 0), 0))
  const columns: Column<BreakdownRow>[] = [
    { id: 'value', label: dimension, kind: 'name', value: (row) => rowName(row, funnel.breakdown!.dimension) },
    ...funnel.steps.map((_, index): Column<BreakdownRow> => ({
      id: `step-${index}`,
      label: shownStepName(funnel, index),
      kind: 'count',
      value: (row) => row.steps[index] ?? 0,
      total: totals[index],
      link: {
        key: JSON.stringify(steps[index]?.drill),
        to: (row) => {
          const drill = drillOf(steps[index]?.drill, row)
          const members = texts.withValue(
            texts.reached(shownStepName(funnel, index)),
            rowName(row, funnel.breakdown!.dimension),
          )
          return drill && drillAddress(drill, members)
        },
      },
    })),
    {
      id: 'conversion',
      label: texts.conversionRate,
      kind: 'rate',
      value: conversionOf,
      total: rate(totals.at(-1) ?? 0, totals[0] ?? 0),
    },
  ]
  return (
    <Card title={title}>
      <div class="chart">
        <Tabs
          label={chart.display(title)}
          tabs={[
            { id: 'chart', label: chart.chart, content: () => <GroupedBars {...{ funnel, rows, steps, title }} /> },
            {
              id: 'table',
              label: chart.table,
              content: () => (
                <div class="chart-table">
                  <DataTable<BreakdownRow>
                    id="funnel-breakdown"
                    caption={title}
                    isPlain
                    rows={rows}
                    rowKey={({ key }) => String(key)}
                    columns={columns}
                  />
                </div>
              ),
            },
          ]}
        />
      </div>
    </Card>
  )
}

/** A group of bars for each value, one bar per step, as long as its share of the largest start. */
function GroupedBars({ funnel, rows, steps, title }: FunnelBreakdownProps & { readonly title: string }) {
  const { funnel: texts } = analysisTexts()
  const largest = Math.max(1, ...rows.map((row) => row.steps[0] ?? 0))
  return (
    <ul class="grouped-bars" role="list" aria-label={title} style={{ '--series': 'var(--series-sent)' }}>
      {rows.map((row) => (
        <li key={row.key}>
          <p class="funnel-step">
            <bdi class="funnel-label">{rowName(row, funnel.breakdown!.dimension)}</bdi>
            <span class="funnel-value">{formatRate(conversionOf(row))}</span>
          </p>
          <ol role="list">
            {row.steps.map((count, index) => (
              <li key={index}>
                <span class="grouped-bar-name">{shownStepName(funnel, index)}</span>
                <span class="bar" aria-hidden="true" style={{ '--share': count / largest }} />
                <span class="bar-value">
                  <DrillLink
                    drill={drillOf(steps[index]?.drill, row)}
                    label={texts.withValue(
                      texts.reached(shownStepName(funnel, index)),
                      rowName(row, funnel.breakdown!.dimension),
                    )}
                  >
                    {formatCount(count)}
                  </DrillLink>
                </span>
              </li>
            ))}
          </ol>
        </li>
      ))}
    </ul>
  )
}

/** The members of a step that have the value of a row. */
function drillOf(drill: Drill | undefined, { key }: BreakdownRow) {
  return drill && narrowedDrill(drill, { breakdownKey: key })
}

function conversionOf({ steps }: BreakdownRow): number {
  return rate(steps.at(-1) ?? 0, steps[0] ?? 0)
}

/** The value of a row in words. */
function rowName({ key, name }: BreakdownRow, dimension: DimensionName): string {
  const { funnel: texts } = analysisTexts()
  return key === '(other)'
    ? texts.other
    : key === '(none)'
      ? texts.missing
      : (name ?? valueText(dimension, String(key)))
}
