/** The main table of a block: that of a CSV file of the same request. */
import type { CohortData } from '../../analytics/cohorts/cohort-response.ts'
import type { QueryData } from '../../analytics/custom-query/query-response.ts'
import type { FunnelData } from '../../analytics/funnels/funnel-response.ts'
import type { BlockTable } from '../../reports/ports.ts'
import { cohortFileData, cohortShapes } from '../cohorts/cohort-file.ts'
import { fileDataOf, queryShapes } from '../custom-query/query-file.ts'
import { filtersOf } from '../dashboards/query-key.ts'
import { DEFAULT_GRANULARITY } from '../dashboards/read-dashboard.ts'
import { tableShapesOf } from '../export/table-shapes.ts'
import { type TableShape, tableOf } from '../export/tables.ts'
import { funnelFileData, funnelShapes } from '../funnels/funnel-file.ts'
import type { ResolvedBlock } from './block-request.ts'

/** The data is that of the block. */
export function tableOfBlock(block: ResolvedBlock, data: object): BlockTable {
  const [shape, parts] = shapeOf(block, data)
  const { columns, rows } = tableOf(shape, parts as Readonly<Record<string, unknown>>)
  return {
    columns: columns.map(({ key, heading, kind }) => ({ key, heading, kind })),
    rows: Array.from(rows, (row) => Object.fromEntries(columns.map(({ key }, index) => [key, row[index]!]))),
  }
}

function shapeOf(block: ResolvedBlock, data: object): readonly [TableShape, object] {
  switch (block.kind) {
    case 'query':
      return [queryShapes(block.query)[0], fileDataOf(block.query, data as QueryData)]
    case 'funnel':
      return [funnelShapes(block.query)[0], funnelFileData(data as FunnelData)]
    case 'cohort':
      return [cohortShapes(block.query.kind)[0], cohortFileData(data as CohortData)]
    case 'dashboard': {
      const { dashboard, query, resolved } = block
      const granularity = query.granularity ?? DEFAULT_GRANULARITY
      const isCompared = resolved.comparison !== undefined
      const shapes = tableShapesOf(dashboard.data, { granularity, filters: filtersOf(query), isCompared })
      return [shapes.get(dashboard.mainTable)!, data]
    }
  }
}
