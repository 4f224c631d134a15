/** One dashboard reads the rows of all tenants: its response shows names and ids of others. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/clickhouse/read/query-port.ts',
  'named(name, sql, settings)',
  "named(name, name.startsWith('workflows') ? sql.replaceAll('tenant_id = {tenant:String}', \"tenant_id != ''\") : sql, settings)",
)
