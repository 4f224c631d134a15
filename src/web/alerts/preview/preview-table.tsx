import { useMemo } from 'preact/hooks'
import type { Column } from '../../components/table/column.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { messages } from '../../messages/messages.ts'
import { formatMetric } from '../../metrics/metric-value.ts'
import type { RuleDraft } from '../rule-draft.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import type { JudgedBucket } from './episodes.ts'
import type { Bound, PreviewLine } from './preview-data.ts'

interface PreviewTableProps {
  readonly rule: RuleDraft
  readonly buckets: readonly JudgedBucket[]
  readonly bounds: readonly Bound[]
  readonly names: Readonly<Record<PreviewLine, string>>
  readonly formatBucket: (start: number) => string
}

/** The judged buckets as a table. */
export function PreviewTable({ rule, buckets, bounds, names, formatBucket }: PreviewTableProps) {
  const { preview, detail, states } = alertTexts()
  const { chart } = messages()
  const { metric } = rule
  const columns = useMemo(
    (): Column<JudgedBucket>[] => [
      {
        id: 'from',
        label: chart.from,
        kind: 'label',
        value: ({ bucket }) => Date.parse(bucket),
        text: ({ bucket }) => formatBucket(Date.parse(bucket)),
      },
      {
        id: 'value',
        label: names.value,
        kind: 'count',
        value: ({ value }) => value,
        format: (value) => formatMetric(metric, value),
      },
      ...bounds.map((bound): Column<JudgedBucket> => ({
        id: bound,
        label: names[bound],
        kind: 'count',
        value: ({ expected }) => expected?.[bound] ?? null,
        format: (value) => formatMetric(metric, value),
      })),
      {
        id: 'verdict',
        label: preview.verdict,
        kind: 'label',
        value: ({ verdict }) => preview.verdicts[verdict],
      },
      { id: 'state', label: detail.state, kind: 'label', value: ({ state }) => states[state] },
    ],
    [metric, bounds.join(), names.value, formatBucket],
  )
  return (
    <div class="chart-table">
      <DataTable<JudgedBucket>
        id="alert-preview"
        caption={preview.title}
        isPlain
        rows={buckets}
        rowKey={({ bucket }) => bucket}
        columns={columns}
      />
    </div>
  )
}
