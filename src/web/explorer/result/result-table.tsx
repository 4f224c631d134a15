import { useMemo } from 'preact/hooks'
import type { AnsweredRow } from '../../../analytics/custom-query/query-response.ts'
import type { CellLink, Column, Sorting } from '../../components/table/column.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { drillAddress } from '../../drill-down/drill-link.tsx'
import { createBucketFormatter } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'
import { formatViewState } from '../../state/view-state.ts'
import type { ResultProps } from './result-props.ts'
import { metricOf } from '../query-schema.ts'
import { type ResultDrills, useResultDrills } from './result-drills.ts'
import { formatterOf, keyText, metricTitle, rowKey, timestampOf } from './result-values.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The rows with their keys and numbers, those of the older range beside them, and the totals. The service orders the rows. */
export function ResultTable(props: ResultProps & { readonly title: string; readonly id?: string }) {
  const { exploration, answer, viewState, onChange, title, id = 'explorer' } = props
  const drills = useResultDrills(props)
  const columns = useMemo(() => columnsOf(props, drills), [answer, viewState, drills === undefined])
  const { order, metrics, dimensions, granularity } = exploration
  const usual: Sorting =
    granularity && dimensions.length === 0
      ? { columnId: 'timestamp', direction: 'ascending' }
      : { columnId: metrics[0]!, direction: 'descending' }
  const sorting: Sorting = order
    ? { columnId: order.by, direction: order.direction === 'asc' ? 'ascending' : 'descending' }
    : usual
  return (
    <DataTable<AnsweredRow>
      id={id}
      caption={title}
      rows={answer.rows}
      columns={columns}
      rowKey={rowKey}
      hidesKeys={dimensions.length + (granularity ? 1 : 0) > 1}
      {...(onChange && {
        ordering: {
          sorting,
          onSort: ({ columnId, direction }: Sorting) =>
            onChange({ order: { by: columnId, direction: direction === 'ascending' ? 'asc' : 'desc' } }),
        },
      })}
    />
  )
}

function columnsOf(
  { schema, exploration, answer, viewState }: ResultProps,
  drills: ResultDrills | undefined,
): Column<AnsweredRow>[] {
  const { metrics, dimensions, granularity } = exploration
  const texts = explorerTexts()
  const formatBucket = granularity && createBucketFormatter(granularity, viewState.zone)
  const keyColumns = dimensions.map((name): Column<AnsweredRow> => ({
    id: name,
    label: messages().dimensions[name],
    kind: 'name',
    value: (row) => keyText(name, row),
  }))
  const timeColumn = formatBucket && {
    id: 'timestamp',
    label: texts.time,
    kind: 'label' as const,
    value: (row: AnsweredRow) => Date.parse(timestampOf(row)),
    text: (row: AnsweredRow) => formatBucket(Date.parse(timestampOf(row))),
  }
  const linkOf = (name: string, label: string): CellLink<AnsweredRow> | undefined =>
    drills && {
      key: formatViewState(viewState),
      title: messages().drillDown.show(label),
      to(row) {
        const drill = drills.ofRow(name, row)
        const part = dimensions.map((dimension) => keyText(dimension, row))
        return drill && drillAddress(drill, [label, ...part].join(', '))
      },
    }
  const keys = [...keyColumns, ...(timeColumn ? [timeColumn] : [])]
  const whole: Column<AnsweredRow> = {
    id: 'all',
    label: '',
    kind: 'label',
    isUnordered: true,
    value: () => texts.everything,
  }
  return [
    ...(keys.length > 0 ? keys : [whole]),
    ...metrics.flatMap((name, index): Column<AnsweredRow>[] => {
      const { unit, definition } = metricOf(schema, name)
      const label = metricTitle(schema, name, metrics)
      const totalDrill = drills?.ofTotal(name, answer.totals?.[name] ?? null)
      const shared = {
        kind: unit === 'percent' ? ('rate' as const) : ('count' as const),
        format: formatterOf({ unit }),
      }
      const column: Column<AnsweredRow> = {
        ...shared,
        id: name,
        label,
        description: messages().metrics[name].definition || definition,
        value: ({ values }) => values[name] ?? null,
        total: answer.totals?.[name] ?? null,
        hasBar: index === 0 && dimensions.length > 0,
        link: linkOf(name, label),
        totalLink: totalDrill && drillAddress(totalDrill, label),
      }
      const older: Column<AnsweredRow> = {
        ...shared,
        id: `previous-${name}`,
        label: texts.previous(label),
        isUnordered: true,
        value: ({ previous }) => previous?.[name] ?? null,
        total: answer.comparison?.totals?.[name] ?? null,
      }
      return answer.comparison ? [column, older] : [column]
    }),
  ]
}
