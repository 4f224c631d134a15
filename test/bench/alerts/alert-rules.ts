/** The alert rules of the benchmarks. */
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'
import { completeBody } from '../../../src/alerts/rules/resolve-rule.ts'

const EMAIL = { dimension: 'channel', operator: 'in', values: ['email'] } as const
type Sample = Pick<AlertRuleBody, 'metric' | 'detector'> & Partial<AlertRuleBody>
/** What a tenant with twenty rules may have: most of all counts and rates, some of one channel, few of one campaign or by channel. */
const SAMPLES: readonly Sample[] = [
  { metric: 'sent', detector: { kind: 'seasonalCount' } },
  { metric: 'sent', detector: { kind: 'silence' } },
  { metric: 'sent', detector: { kind: 'threshold', above: 100_000 } },
  { metric: 'delivered', detector: { kind: 'seasonalCount', direction: 'down' } },
  { metric: 'clicked', detector: { kind: 'seasonalCount' } },
  { metric: 'unsubscribed', detector: { kind: 'seasonalCount', direction: 'up' } },
  { metric: 'bounceRate', detector: { kind: 'threshold', above: 10, minDenominator: 50 } },
  { metric: 'bounceRate', detector: { kind: 'rateShift' } },
  { metric: 'deliveryRate', detector: { kind: 'rateShift', direction: 'down' } },
  { metric: 'hardBounceRate', detector: { kind: 'threshold', above: 5, minDenominator: 50 } },
  { metric: 'complaintRate', detector: { kind: 'rareRate', p0: 0.001, minDenominator: 100 } },
  { metric: 'complaintRate', detector: { kind: 'rareRate', p0: 0.003, minDenominator: 100 } },
  { metric: 'acceptedRate', detector: { kind: 'threshold', below: 50, minDenominator: 50 } },
  { metric: 'runsFailed', detector: { kind: 'seasonalCount', direction: 'up' } },
  { metric: 'sent', filter: EMAIL, detector: { kind: 'seasonalCount' } },
  { metric: 'opened', filter: EMAIL, detector: { kind: 'seasonalCount', direction: 'down' } },
  { metric: 'humanOpenRate', filter: EMAIL, detector: { kind: 'rateShift', direction: 'down' } },
  { metric: 'sent', splitBy: 'channel', detector: { kind: 'seasonalCount' } },
  { metric: 'bounceRate', splitBy: 'channel', detector: { kind: 'threshold', above: 10, minDenominator: 50 } },
  {
    metric: 'sent',
    filter: { dimension: 'campaign', operator: 'in', values: ['campaign-1'] },
    detector: { kind: 'seasonalCount' },
  },
]

export interface BenchRule {
  readonly tenantId: string
  readonly rule: AlertRuleBody
}

/** So many rules by the hour, the same number of each tenant of the history. */
export function alertRules(count: number, tenants: number): BenchRule[] {
  return Array.from({ length: count }, (_, index) => {
    const sample = SAMPLES[Math.floor(index / tenants) % SAMPLES.length]!
    const rule = completeBody({
      name: `Rule ${index}`,
      granularity: 'hour',
      timezone: 'UTC',
      settleMinutes: 10,
      ...sample,
    })
    return { tenantId: `tenant-${1 + (index % tenants)}`, rule }
  })
}
