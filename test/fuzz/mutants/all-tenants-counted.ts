/** One dashboard counts every tenant's rows: no name or id of others shows, only numbers that are not the asker's. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/clickhouse/read/query-port.ts',
  'named(name, sql, settings)',
  "named(name, name === 'traffic' ? sql.replaceAll('tenant_id = {tenant:String}', \"tenant_id != ''\") : sql, settings)",
)
