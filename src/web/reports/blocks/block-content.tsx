import type { DashboardName, DataOf } from '../../../analytics/dashboards/dashboards.ts'
import type { QueryData } from '../../../analytics/custom-query/query-response.ts'
import type { BlockRequest } from '../../../reports/report.ts'
import type { CohortAnswer } from '../../cohorts/cohort-answer.ts'
import type { QuerySchema } from '../../explorer/query-schema.ts'
import type { FunnelAnswer } from '../../funnels/funnel-answer.ts'
import { drawnChart } from './block-charts.ts'
import { CohortBlock } from './cohort-block.tsx'
import { DashboardBlock } from './dashboard-block.tsx'
import { FunnelBlock } from './funnel-block.tsx'
import { QueryBlock } from './query-block.tsx'

interface BlockContentProps {
  readonly block: BlockRequest
  readonly data: object
  readonly schema: QuerySchema
  /** The time zone of the report. */
  readonly zone: string
  readonly asOf: number
  readonly id: string
}

/** The numbers of a block as its chart. */
export function BlockContent({ data, zone, ...props }: BlockContentProps) {
  const { block, schema } = props
  const own = block.body['timezone']
  const shared = { ...props, chart: drawnChart(block, schema), zone: typeof own === 'string' ? own : zone }
  // The data is that of a request of this kind.
  switch (block.kind) {
    case 'query':
      return <QueryBlock {...shared} data={data as QueryData} />
    case 'funnel':
      return <FunnelBlock {...shared} data={data as FunnelAnswer} />
    case 'cohort':
      return <CohortBlock {...shared} data={data as CohortAnswer} />
    default:
      return <DashboardBlock {...shared} data={data as DataOf<DashboardName>} />
  }
}
