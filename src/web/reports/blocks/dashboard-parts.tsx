/** The charts that the blocks of several dashboards share. */
import type { ComponentChildren } from 'preact'
import type { DashboardName, DataOf } from '../../../analytics/dashboards/dashboards.ts'
import type { Chart } from '../../../reports/report-parts.ts'
import type { Granularity } from '../../../analytics/time/buckets.ts'
import { findTimeZone } from '../../../base/time-zone.ts'
import type { BlockRequest } from '../../../reports/report.ts'
import type { EngagementValues } from '../../../analytics/engagement/engagement-metrics.ts'
import { BarList } from '../../charts/bar-list.tsx'
import { Funnel } from '../../charts/funnel.tsx'
import { LineChart } from '../../charts/line/line-chart.tsx'
import type { Line } from '../../charts/series.ts'
import type { Column } from '../../components/table/column.ts'
import { DataTable } from '../../components/table/data-table.tsx'
import { READING_LINES } from '../../engagement/engagement-lines.ts'
import { createBucketFormatter } from '../../format/dates.ts'
import { messages } from '../../messages/messages.ts'
import type { BlockProps } from './block-props.ts'

type Context = Omit<BlockProps<unknown>, 'data'>
export type DrawDashboard<Name extends DashboardName> = (data: DataOf<Name>, context: Context) => ComponentChildren
/** What each chart of a dashboard shows. */
export type DashboardCharts<Name extends DashboardName> = Partial<Record<Chart, DrawDashboard<Name>>>

/** The start of the bucket of a point. */
export const startOfPoint = ({ timestamp }: { readonly timestamp: string }) => timestamp

export interface Engaged {
  readonly engagement: EngagementValues
}

/** More bars are a table. */
const MAX_BARS = 25

interface LinesOf<Point> {
  readonly points: readonly Point[]
  /** Those of the older range. */
  readonly older?: readonly Point[] | undefined
  /** The start of the bucket: a date, or an instant. */
  readonly timeOf: (point: Point) => string
  readonly lines: readonly Line<Point>[]
}

export function lines<Point>({ block, zone, asOf }: Context, { points, older, timeOf, lines: shown }: LinesOf<Point>) {
  return (
    <LineChart<Point>
      title={block.title}
      lines={shown}
      points={points}
      previousPoints={older}
      start={(point) => startOf(timeOf(point), zone)}
      zone={zone}
      granularity={granularityOf(block)}
      asOf={asOf}
    />
  )
}

/** The first names with their counts. */
export function bars({ title }: BlockRequest, counts: readonly (readonly [label: string, value: number])[]) {
  return <BarList title={title} bars={counts.slice(0, MAX_BARS).map(([label, value]) => ({ label, value }))} />
}

/** What became of the messages, as steps. */
export function outcomes({ title }: BlockRequest, engagement: EngagementValues) {
  const { metrics } = messages()
  const steps = READING_LINES.map((name) => ({
    id: name,
    label: metrics[name].label,
    value: engagement[name],
    colour: name,
  }))
  return <Funnel title={title} steps={steps} />
}

type TableOf<Row> = { readonly rows: readonly Row[]; readonly columns: readonly Column<Row>[] } & (
  { readonly timeOf: (row: Row) => string } | { readonly nameLabel: string; readonly idOf: (row: Row) => string }
)

/** A row for each bucket, or for each campaign, workflow, …. */
export function entityTable<Row>({ block, zone, id }: Context, table: TableOf<Row>) {
  const first: Column<Row> =
    'timeOf' in table
      ? timeColumn(table.timeOf, block, zone)
      : {
          id: 'name',
          label: table.nameLabel,
          kind: 'name',
          value: (row) => (row as { readonly name: string }).name,
        }
  return (
    <DataTable<Row>
      id={id}
      caption={block.title}
      rows={table.rows}
      columns={[first, ...table.columns]}
      rowKey={'timeOf' in table ? table.timeOf : table.idOf}
    />
  )
}

function timeColumn<Row>(timeOf: (row: Row) => string, block: BlockRequest, zone: string): Column<Row> {
  const format = createBucketFormatter(granularityOf(block), zone)
  const start = (row: Row) => startOf(timeOf(row), zone)
  return { id: 'from', label: messages().chart.from, kind: 'label', value: start, text: (row) => format(start(row)) }
}

export function total(counts: readonly { readonly messageCount: number }[]): number {
  return counts.reduce((sum, { messageCount }) => sum + messageCount, 0)
}

function granularityOf({ body }: BlockRequest): Granularity {
  return (body['granularity'] as Granularity | undefined) ?? 'day'
}

/** The first instant of a local date, or an instant, in epoch milliseconds. */
function startOf(time: string, zone: string): number {
  if (time.includes('T')) return Date.parse(time)
  const [year, month, day] = time.split('-').map(Number)
  return findTimeZone(zone)!.startOfDay({ year: year!, month: month!, day: day! })
}
