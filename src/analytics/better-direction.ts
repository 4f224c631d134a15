/** Whether an increase of a metric is good news. Plain data, which the page in the browser reads too. */
import type { MetricName } from './metrics.ts'

/** The metrics whose increase is bad news, and those whose change is neither good nor bad. An increase of any other metric is good news. */
const LOWER_IS_BETTER: readonly MetricName[] = ['bounced', 'complained', 'unsubscribed', 'runsFailed', 'bounceRate']
const NEUTRAL: readonly MetricName[] = ['campaigns', 'activeEnrollments', 'endedEnrollments', 'contactsUpdated']

export type BetterDirection = 'higher' | 'lower' | 'neither'

export function betterDirectionOf(name: MetricName): BetterDirection {
  return LOWER_IS_BETTER.includes(name) ? 'lower' : NEUTRAL.includes(name) ? 'neither' : 'higher'
}
