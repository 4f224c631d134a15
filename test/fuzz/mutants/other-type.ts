/** A number of one dashboard's response is sent as text. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText(
  'src/analytics/dashboards/messages.ts',
  '...CHANNEL_METRICS.values(counts),',
  '...CHANNEL_METRICS.values(counts), bounceRate: String(CHANNEL_METRICS.values(counts).bounceRate),',
)
