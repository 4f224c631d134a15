import { useMemo } from 'preact/hooks'
import type { AnsweredRow } from '../../../analytics/custom-query/query-response.ts'
import type { CellLink, Column, Sorting } from '../../components/table/column.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { maySeeContacts } from '../../drill-down/drill-access.ts'
import { drillAddress } from '../../drill-down/drill-link.tsx'
import { createBucketFormatter } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'
import { useApp } from '../../state/app.ts'
import { formatViewState } from '../../state/view-state.ts'
import type { ResultProps } from './explorer-result.tsx'
import { metricOf } from '../query-schema.ts'
import { formatterOf, keyText, metricTitle, rowKey } from './result-values.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The rows with their keys and numbers, those of the older range beside them, and the totals. The service orders the rows. */
export function ResultTable(props: ResultProps & { readonly title: string }) {
  const { exploration, answer, viewState, onChange, title } = props
  const { session } = useApp()
  const isDrillable = maySeeContacts(session.state.value)
  const columns = useMemo(() => columnsOf(props, isDrillable), [answer, viewState, isDrillable])
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
      id="explorer"
      caption={title}
      rows={answer.rows}
      columns={columns}
      rowKey={rowKey}
      hidesKeys={dimensions.length + (granularity ? 1 : 0) > 1}
      ordering={{
        sorting,
        onSort: ({ columnId, direction }) =>
          onChange({ order: { by: columnId, direction: direction === 'ascending' ? 'asc' : 'desc' } }),
      }}
    />
  )
}

function columnsOf(
  { schema, exploration, answer, viewState }: ResultProps,
  isDrillable: boolean,
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
    value: ({ keys }: AnsweredRow) => Date.parse(String(keys['timestamp'])),
    text: ({ keys }: AnsweredRow) => formatBucket(Date.parse(String(keys['timestamp']))),
  }
  const linkOf = (label: string): CellLink<AnsweredRow> => ({
    key: formatViewState(viewState),
    title: messages().drillDown.show(label),
    to: (row) =>
      row.drill && row.values[metrics[0]!] !== 0
        ? drillAddress(row.drill, [label, ...dimensions.map((name) => keyText(name, row))].join(', '))
        : undefined,
  })
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
        // Only the first metric has its search.
        link: index === 0 && isDrillable ? linkOf(label) : undefined,
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
