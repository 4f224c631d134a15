/** One dashboard reads every tenant's rows: its answer shows names and ids of others. */
import { replaceText } from '../../faults/sabotage/replace-text.ts'

replaceText(
  'src/clickhouse/query.ts',
  '${query.sql}',
  "${query.name.startsWith('workflows') ? query.sql.replaceAll('tenant_id = {tenant:String}', \"tenant_id != ''\") : query.sql}",
)
