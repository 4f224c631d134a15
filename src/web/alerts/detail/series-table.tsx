import { useMemo } from 'preact/hooks'
import type { ShownAlert } from '../../../http/alerts/alert-data.ts'
import type { Column } from '../../components/table/column.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { formatMetric } from '../../metrics/metric-value.ts'
import { seriesName } from '../series-name.ts'
import { alertTexts } from '../texts/alert-texts.ts'

type Series = ShownAlert['states'][number]

interface SeriesTableProps {
  readonly alert: ShownAlert
  /** The name of a bucket by its start, epoch milliseconds. */
  readonly bucketName: (start: number) => string
}

/** The state of each series, the most urgent first. */
export function SeriesTable({ alert, bucketName }: SeriesTableProps) {
  const { detail, states, preview } = alertTexts()
  const columns = useMemo(
    (): Column<Series>[] => [
      { id: 'series', label: detail.seriesName, kind: 'name', value: ({ series }) => seriesName(series) },
      { id: 'state', label: detail.state, kind: 'label', value: ({ state }) => states[state] },
      {
        id: 'since',
        label: detail.since,
        kind: 'time',
        value: ({ since }) => (since === null ? null : Date.parse(since)),
        text: ({ since }) => bucketName(Date.parse(since!)),
      },
      {
        id: 'value',
        label: detail.value,
        kind: 'count',
        value: ({ value }) => value,
        format: (value) => formatMetric(alert.metric, value),
      },
      { id: 'verdict', label: preview.verdict, kind: 'label', value: ({ verdict }) => preview.verdicts[verdict] },
    ],
    [alert.metric, alert.granularity, alert.timezone],
  )
  return (
    <DataTable<Series>
      id={`alert-series ${alert.id}`}
      caption={detail.series}
      rows={alert.states}
      columns={columns}
      rowKey={({ series }) => JSON.stringify(series)}
      hidesKeys
      isPlain={alert.states.length <= 1}
    />
  )
}
