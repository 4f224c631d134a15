/** Runs the blocks of a report. */
import { cohortData } from '../../analytics/cohorts/cohort-response.ts'
import { runCohorts } from '../../analytics/cohorts/run-cohorts.ts'
import { QUERY_LIMITS } from '../../analytics/custom-query/query-request.ts'
import { runQuery } from '../../analytics/custom-query/run-query.ts'
import { factsAsOf, type FactsSource } from '../../analytics/engagement/facts-as-of.ts'
import { runFunnel } from '../../analytics/funnels/run-funnel.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import { type PageRequest, UNLIMITED } from '../../analytics/query/list-page.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import type { BlockRun, ReportRun, RunReport } from '../../reports/ports.ts'
import type { Report } from '../../reports/report.ts'
import { cohortSource, costOfCohorts } from '../cohorts/serve-cohorts.ts'
import { costOfQuery, pagedQueryOf, queryDataOf } from '../custom-query/query-data.ts'
import { encodeCursor } from '../dashboards/page-cursor.ts'
import { filtersOf } from '../dashboards/query-key.ts'
import { costOfDashboard, DEFAULT_GRANULARITY, readDashboard } from '../dashboards/read-dashboard.ts'
import { FUNNEL_COST } from '../funnels/funnel-record.ts'
import { cutBlock, type ResolvedBlock, resolveBlocks } from './block-request.ts'
import { tableOfBlock, totalsOfBlock } from './block-table.ts'

export interface BlockSource {
  readonly port: QueryPort
  readonly facts: FactsSource
}

export interface RunOptions {
  readonly tenantId: string
  /** The instant of the answer, epoch milliseconds. */
  readonly asOf: number
  /** Whether lists hold all items, as in a file, or those of a page. */
  readonly hasAllRows: boolean
  readonly signal: AbortSignal
}

/** Known before any SQL: that of all blocks. */
export function costOfBlocks(blocks: readonly ResolvedBlock[]): number {
  return blocks.reduce((sum, block) => sum + costOfBlock(block), 0)
}

function costOfBlock(block: ResolvedBlock): number {
  if (block.kind === 'query') return costOfQuery(block.query)
  if (block.kind === 'funnel') return FUNNEL_COST
  if (block.kind === 'cohort') return costOfCohorts(block.query)
  return costOfDashboard(block.resolved, block.query.granularity ?? DEFAULT_GRANULARITY)
}

/** Runs resolved blocks one after another. Rejects with a StoreFailure, or while facts of messages are being calculated for the first time. */
export async function runBlocks(
  source: BlockSource,
  report: Report,
  resolved: readonly ResolvedBlock[],
  options: RunOptions,
): Promise<ReportRun> {
  const blocks: BlockRun[] = []
  for (const [index, block] of resolved.entries()) {
    options.signal.throwIfAborted()
    const { title, kind, chart } = report.blocks[index]!
    const data = await readBlock(source, block, options)
    blocks.push({
      ...{ title, kind, chart, data },
      table: tableOfBlock(block, data),
      totals: totalsOfBlock(block, data),
      rowLimit: rowLimitOf(block),
    })
  }
  return { asOf: options.asOf, timezone: report.timezone, blocks }
}

function rowLimitOf(block: ResolvedBlock): number | undefined {
  if (block.kind === 'query') return block.body.limit ?? QUERY_LIMITS.defaultRows
  return block.kind === 'dashboard' ? block.query.limit : undefined
}

async function readBlock(source: BlockSource, block: ResolvedBlock, options: RunOptions): Promise<object> {
  const { tenantId, asOf, hasAllRows, signal } = options
  const { facts } = source
  const port = abortable(source.port, signal)
  const requestedOn = block.zone.startOfDay(block.zone.localDate(asOf))
  if (block.kind === 'query') {
    const { query, body } = block
    const limit = hasAllRows ? UNLIMITED : (body.limit ?? QUERY_LIMITS.defaultRows)
    const page = { after: undefined, limit }
    const answer = await runQuery(port, query, { tenantId, facts: factsAsOf(facts, asOf), asOf, page })
    return queryDataOf(query, answer, { limit, pagedQuery: await pagedQueryOf(tenantId, body), requestedOn })
  }
  if (block.kind === 'funnel') {
    const funnelSource = { port, facts: factsAsOf(facts, asOf), histories: facts.histories }
    return runFunnel(funnelSource, tenantId, block.query, asOf)
  }
  if (block.kind === 'cohort') {
    const table = await runCohorts(cohortSource(port, facts, asOf), tenantId, block.query, asOf)
    return cohortData(block.query, table, asOf)
  }
  const { dashboard, query, resolved } = block
  const { timeRange, startDate, endDate, limit } = query
  const parameters = { ...filtersOf(query), timeRange, startDate, endDate, timezone: block.zone.name }
  const pagedQuery = { tenantId, dashboard: dashboard.name, parameters }
  const firstPage: PageRequest = {
    limit,
    encodeCursor: (after) => encodeCursor(pagedQuery, { requestedOn, after }),
  }
  const page = hasAllRows ? { limit: UNLIMITED } : firstPage
  return readDashboard({ port, facts }, dashboard, { query, tenantId, resolved, page, asOf })
}

/** Runs reports for mails: as they were at an instant, with all rows. */
export function createReportRunner(source: BlockSource): RunReport {
  return (tenantId, report, asOf, signal) => {
    const resolved = resolveBlocks(report, asOf).map((block) => cutBlock(block, asOf))
    return runBlocks(source, report, resolved, { tenantId, asOf, hasAllRows: true, signal })
  }
}
