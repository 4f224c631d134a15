/** One dashboard reads every tenant's rows: its answer shows names and ids of others. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/clickhouse/read/query-port.ts',
  '`${sql}\\n',
  "`${name.startsWith('workflows') ? sql.replaceAll('tenant_id = {tenant:String}', \"tenant_id != ''\") : sql}\\n",
)
