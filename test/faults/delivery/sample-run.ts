import type { ReportRun } from '../../../src/reports/ports.ts'
import type { Report } from '../../../src/reports/report.ts'

/** A run with one number. What the store would say is no matter of deliveries. */
export function sampleRun({ timezone }: Pick<Report, 'timezone'>, asOf: number): ReportRun {
  const table = { columns: [{ key: 'sent', heading: 'Sent', kind: 'number' as const }], rows: [{ sent: 397 }] }
  const block = {
    title: 'Sent',
    kind: 'query' as const,
    chart: 'number' as const,
    data: {},
    table,
    rowLimit: undefined,
  }
  return { asOf, timezone, blocks: [block] }
}
