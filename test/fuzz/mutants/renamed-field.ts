/** A field of one dashboard's response has another name than in the document. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/analytics/dashboards/workflows.ts',
  '...WORKFLOW_METRICS.values(row),',
  '...(({ conversionRate, ...others }) => ({ ...others, conversion: conversionRate }))(WORKFLOW_METRICS.values(row)),',
)
