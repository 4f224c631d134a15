import { describe, expect, test } from 'bun:test'
import { QUERY_METRIC_NAMES } from '../../../../src/analytics/custom-query/metric-sources.ts'
import { type AffectingAlert, concerns, viewsOfMetric } from '../../../../src/web/firing/affected-views.ts'

const alert = (parts: Partial<AffectingAlert>): AffectingAlert => ({
  metric: 'complaintRate',
  filter: null,
  splitBy: 'campaign',
  states: [
    { series: { campaign: 'a' }, state: 'firing', since: null, value: 1, verdict: 'fires' },
    { series: { campaign: 'b' }, state: 'normal', since: null, value: 0, verdict: 'clear' },
  ],
  ...parts,
})

describe('a firing alert is shown', () => {
  test('on the views that show its number', () => {
    expect(viewsOfMetric('sent')).toContain('traffic')
    expect(viewsOfMetric('complaintRate')).toEqual(['overview', 'messages', 'campaigns', 'templates'])
    expect(viewsOfMetric('failureRate')).toEqual(['workflows'])
    expect(viewsOfMetric('replyRate')).toEqual(['sequences'])
    expect(viewsOfMetric('contactsCreated')).toEqual([])
    expect(QUERY_METRIC_NAMES.filter((name) => viewsOfMetric(name).length === 0)).toEqual([
      'contactsCreated',
      'contactsUpdated',
    ])
  })

  test('on the page of one campaign where it names that campaign', () => {
    const shownOn = (parts: Partial<AffectingAlert>, id: string | undefined) =>
      concerns(alert(parts), { view: 'campaigns', id })
    expect([shownOn({}, undefined), shownOn({}, 'a'), shownOn({}, 'b')]).toEqual([true, true, false])
    const filter = { and: [{ dimension: 'campaign', operator: 'in', values: ['b'] } as const] }
    const { splitBy: _, ...unsplit } = alert({ filter })
    expect([
      concerns(unsplit, { view: 'campaigns', id: 'a' }),
      concerns(unsplit, { view: 'campaigns', id: 'b' }),
    ]).toEqual([false, true])
    expect(concerns(alert({}), { view: 'workflows', id: undefined })).toBe(false)
  })
})
