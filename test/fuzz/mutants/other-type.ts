/** A number of one dashboard's answer is sent as text. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/analytics/dashboards/messages.ts',
  'bounceRate: rate(bounced, sent)',
  'bounceRate: String(rate(bounced, sent))',
)
