/** One dashboard counts the rows of every tenant: it shows no name or id of others, only wrong numbers. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/clickhouse/read/query-port.ts',
  'named(name, sql, settings)',
  "named(name, name === 'traffic' ? sql.replaceAll('tenant_id = {tenant:String}', \"tenant_id != ''\") : sql, settings)",
)
