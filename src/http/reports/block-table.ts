/** The tables of a block: the main one is that of a CSV file of the same request. */
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
  const { main, parts } = shapesOf(block, data)
  return blockTableOf(main, parts)
}

/** The totals of the data, one row; undefined for data without any. */
export function totalsOfBlock(block: ResolvedBlock, data: object): BlockTable | undefined {
  const { totals, parts } = shapesOf(block, data)
  return totals && blockTableOf(totals, parts)
}

function blockTableOf(shape: TableShape, parts: object): BlockTable {
  const { columns, rows } = tableOf(shape, parts as Readonly<Record<string, unknown>>)
  return {
    columns: columns.map(({ key, heading, kind, isLabel }) => ({ key, heading, kind, ...(isLabel && { isLabel }) })),
    rows: Array.from(rows, (row) => Object.fromEntries(columns.map(({ key }, index) => [key, row[index]!]))),
  }
}

interface BlockShapes {
  readonly main: TableShape
  readonly totals?: TableShape | undefined
  /** The data as the shapes read it. */
  readonly parts: object
}

function shapesOf(block: ResolvedBlock, data: object): BlockShapes {
  if (block.kind === 'query') {
    const [main, totals] = queryShapes(block.query)
    const answer = data as QueryData
    return { main, totals: answer.totals ? totals : undefined, parts: fileDataOf(block.query, answer) }
  }
  if (block.kind === 'funnel') return { main: funnelShapes(block.query)[0], parts: funnelFileData(data as FunnelData) }
  if (block.kind === 'cohort')
    return { main: cohortShapes(block.query.kind)[0], parts: cohortFileData(data as CohortData) }
  const { dashboard, query, resolved } = block
  const granularity = query.granularity ?? DEFAULT_GRANULARITY
  const isCompared = resolved.comparison !== undefined
  const shapes = tableShapesOf(dashboard.data, { granularity, filters: filtersOf(query), isCompared })
  return { main: shapes.get(dashboard.mainTable)!, totals: shapes.get('summary'), parts: data }
}
