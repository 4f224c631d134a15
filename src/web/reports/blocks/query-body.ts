import type { QueryRequest } from '../../../analytics/custom-query/query-request.ts'
import { CHARTS, type Exploration } from '../../explorer/exploration.ts'

const DEFAULT_ROWS = 100

/** What a query shows, from the body of its request. */
export function explorationOf(body: Readonly<Record<string, unknown>>, chart: string): Exploration {
  const { metrics, dimensions = [], granularity, having = [], orderBy, limit } = body as Partial<QueryRequest>
  const [order] = orderBy ?? []
  return {
    metrics: metrics ?? [],
    dimensions,
    granularity,
    chart: CHARTS.find((each) => each === chart),
    having,
    order: order && { by: order.by, direction: order.direction ?? 'desc' },
    pageSize: limit ?? DEFAULT_ROWS,
    page: undefined,
  }
}
