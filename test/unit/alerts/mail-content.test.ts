import { expect, test } from 'bun:test'
import { mailContent } from '../../../src/alerts/notifications/mail-content.ts'

test('the mail about a change of state shows the series as one line of text', () => {
  const { subject, text, html } = mailContent(
    {
      transition: 'firing',
      ...{ tenantId: 'tenant-1', ruleId: 'rule-1', name: 'Too <many>', metric: 'sent', detector: 'threshold' },
      ...{ granularity: 'hour', timezone: 'Europe/Paris', value: 1_234, expected: { upper: 3 } },
      series: { campaign: 'a\r\nRule: "b" <img src=x>' },
      ...{ bucket: { start: '2026-11-29T08:00:00Z', end: '2026-11-29T09:00:00Z' }, at: '2026-11-29T09:00:05Z' },
    },
    undefined,
  )
  expect(subject).toBe('Firing: Too <many>')
  expect(text.split('\n')).toEqual([
    'Firing: Too <many>',
    '',
    'Sent: 1,234',
    'Expected: at most 3',
    'campaign: a Rule: "b" <img src=x>',
    'The hour: 2026-11-29 09:00 to 2026-11-29 10:00 (Europe/Paris)',
    'Rule: rule-1',
    '',
  ])
  expect(html).toContain('a Rule: &quot;b&quot; &lt;img src=x&gt;')
  expect(html).not.toContain('<many>')
})
