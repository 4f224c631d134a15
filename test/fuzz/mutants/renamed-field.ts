/** A field of one dashboard's answer has another name than the document says. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText('src/analytics/dashboards/workflows.ts', 'conversionRate: rate(goalReached', 'conversion: rate(goalReached')
