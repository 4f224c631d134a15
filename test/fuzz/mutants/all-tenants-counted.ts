/** One dashboard counts the rows of all tenants: it shows no names or ids of others, only wrong numbers. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/clickhouse/read/query-port.ts',
  '`${sql}\\n',
  "`${name === 'traffic' ? sql.replaceAll('tenant_id = {tenant:String}', \"tenant_id != ''\") : sql}\\n",
)
