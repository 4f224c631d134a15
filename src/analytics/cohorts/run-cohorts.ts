/** Answers a cohort query. */
import { type CohortTable, cohortTable } from './cohort-table.ts'
import type { CohortQuery } from './cohort-request.ts'
import type { CohortSource } from './cohort-source.ts'
import { readEngagementCells } from './engagement-cells.ts'
import { readRetentionCells } from './retention-cells.ts'

/** The table as of an instant. Rejects with a StoreFailure, or while the facts that it needs are being calculated. */
export async function runCohorts(
  source: CohortSource,
  tenantId: string,
  query: CohortQuery,
  asOf: number,
): Promise<CohortTable> {
  const counts =
    query.kind === 'engagement'
      ? await readEngagementCells(source.port, tenantId, query, source.facts())
      : await readRetentionCells(source, tenantId, query, asOf)
  return cohortTable(query, counts)
}
