import { describe, expect, test } from 'bun:test'
import { ALERT_PRESETS } from '../../../../src/alerts/presets.ts'
import { completeBody, metricKindOf as kindOfService, resolveRule } from '../../../../src/alerts/rules/resolve-rule.ts'
import { DETECTOR_KINDS } from '../../../../src/alerts/rules/rule-limits.ts'
import { QUERY_METRIC_NAMES } from '../../../../src/analytics/custom-query/metric-sources.ts'
import { QUERY_SCHEMA } from '../../../../src/analytics/custom-query/query-response.ts'
import {
  detectorsOf,
  formatDraft,
  metricKindOf,
  parseDraft,
  type RuleDraft,
  startOf,
  withMetric,
} from '../../../../src/web/alerts/rule-draft.ts'
import { ruleSentences } from '../../../../src/web/alerts/rule-sentence.ts'

const SOURCES = { schema: QUERY_SCHEMA, presets: ALERT_PRESETS, zone: 'Europe/Berlin' }
const NOTIFY = { allowsPrivateWebhooks: false }
const draftOf = (preset: string) => parseDraft(JSON.stringify({ preset }), SOURCES).rule
const isAccepted = (rule: RuleDraft) => {
  try {
    resolveRule({ ...rule, name: rule.name || 'a name' }, NOTIFY)
    return true
  } catch {
    return false
  }
}

describe('a rule in the address', () => {
  test.each(ALERT_PRESETS.map(({ name }) => name))('is the same after it was read: %s', (name) => {
    const rule = draftOf(name)
    expect(parseDraft(formatDraft({ rule, etag: '"7"' }), SOURCES)).toEqual({ rule, etag: '"7"' })
    expect(resolveRule(rule, NOTIFY)).toEqual(
      resolveRule({ ...ALERT_PRESETS.find((preset) => preset.name === name)!.rule, timezone: SOURCES.zone }, NOTIFY),
    )
  })

  test('of a stored rule has its version, and no recovery limits that follow from the others', () => {
    const rule = completeBody({
      name: 'a',
      metric: 'sent',
      granularity: 'day',
      detector: { kind: 'threshold', above: 7, below: 2 },
    })
    const draft = parseDraft('{}', { ...SOURCES, stored: { rule, etag: '"3"' } })
    expect(draft).toMatchObject({ etag: '"3"', rule: { detector: { kind: 'threshold', above: 7, below: 2 } } })
    expect(Object.keys(draft.rule.detector)).toEqual(['kind', 'above', 'below'])
  })

  test('that is not readable is the first one, which the service accepts', () => {
    const first = parseDraft(undefined, SOURCES)
    for (const text of ['null', '{', '{"preset":"unknown"}']) expect(parseDraft(text, SOURCES)).toEqual(first)
    expect(isAccepted(first.rule)).toBe(true)
    const wrong = parseDraft(
      '{"rule":{"metric":"shoes","granularity":"year","detector":{"kind":"x","above":"1"}}}',
      SOURCES,
    )
    expect(wrong.rule).toMatchObject({
      metric: first.rule.metric,
      granularity: 'hour',
      detector: { kind: 'threshold' },
    })
  })
})

test.each(QUERY_METRIC_NAMES)(
  'a rule is accepted with another metric, and with each of its detectors: %s',
  (metric) => {
    const kind = metricKindOf(QUERY_SCHEMA, metric)
    expect(kind).toBe(kindOfService(metric))
    for (const { name } of ALERT_PRESETS.filter(({ rule }) => rule.filter === undefined)) {
      const rule = withMetric(draftOf(name), QUERY_SCHEMA, metric)
      expect([name, isAccepted(rule)]).toEqual([name, true])
    }
    const refused = DETECTOR_KINDS.filter((each) => !detectorsOf(kind).includes(each))
    const rule = withMetric(draftOf('Silence'), QUERY_SCHEMA, metric)
    expect(detectorsOf(kind).map((each) => isAccepted({ ...rule, detector: startOf(each) }))).not.toContain(false)
    expect(refused.map((each) => isAccepted({ ...rule, detector: startOf(each) }))).not.toContain(true)
  },
)

describe('the sentences of a rule', () => {
  test('name the number, the limit, how often, and when it ends', () => {
    expect(ruleSentences({ ...draftOf('Hard bounces above 5 %'), for: 2 }).join(' ')).toBe(
      'Fires when “Hard bounce rate” of a day is above 5%, where it is a share of at least 100, twice in a row. ' +
        'Firing ends when it is at most 4%, twice in a row. ' +
        'Judged 10 minutes after its end, in the time zone Europe/Berlin. Without data the state stays.',
    )
  })

  test('keep the digits of small rates', () =>
    expect(ruleSentences(draftOf('Complaint rate above 0.1 %'))[0]).toContain('an acceptable rate of 0.1%'))

  test('differ between directions and units of time', () => {
    const rule = draftOf('Unsubscribe spike')
    expect(ruleSentences(rule)[0]).toContain('far above that of the same weekday in')
    expect(
      ruleSentences({ ...rule, granularity: 'hour', detector: { kind: 'seasonalCount', direction: 'down' } })[0],
    ).toContain('far below that of the same weekday and hour in')
  })

  test('exist for every preset, without a gap', () => {
    for (const { name } of ALERT_PRESETS) expect(ruleSentences(draftOf(name)).join(' ')).not.toMatch(/undefined|NaN|…/)
  })
})
