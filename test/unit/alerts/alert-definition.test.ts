import { describe, expect, test } from 'bun:test'
import { withRule } from '../../../src/alerts/alert-definition.ts'
import { completeBody } from '../../../src/alerts/rules/resolve-rule.ts'
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'

const RULE = completeBody({
  name: 'Too many',
  metric: 'sent',
  granularity: 'hour',
  filter: { dimension: 'channel', operator: 'in', values: ['email'] },
  detector: { kind: 'threshold', above: 3, below: 1 },
  notify: { emails: ['a@example.com'] },
})

function judgedSince(change: Partial<AlertRuleBody>, enabled = true): number {
  return withRule({ rule: { ...RULE, enabled }, judgedSince: 1 }, { ...RULE, ...change }, 2).judgedSince
}

describe('a rule that is saved again', () => {
  test.each<[string, Partial<AlertRuleBody>]>([
    ['as it is', {}],
    [
      'with its fields in another order',
      { detector: { below: 1, recoverAbove: 0.8 * 3, recoverBelow: 1 / 0.8, above: 3, kind: 'threshold' } },
    ],
    ['with its filter in another order', { filter: { values: ['email'], operator: 'in', dimension: 'channel' } }],
    ['with another name', { name: 'Far too many' }],
    ['with other recipients', { notify: {} }],
    ['with another time to settle', { settleMinutes: 0 }],
  ])('%s goes on', (_, change) => expect(judgedSince(change)).toBe(1))

  test.each<[string, Partial<AlertRuleBody>]>([
    ['with another limit', { detector: { ...RULE.detector, above: 4 } }],
    ['with another filter', { filter: { dimension: 'channel', operator: 'in', values: ['sms'] } }],
    ['with another number of evaluations', { for: 1 }],
    ['in another zone', { timezone: 'Europe/Paris' }],
  ])('%s begins anew', (_, change) => expect(judgedSince(change)).toBe(2))

  test('begins anew when it is enabled', () => {
    expect(judgedSince({}, false)).toBe(2)
    expect(judgedSince({ enabled: false })).toBe(1)
  })
})
