/** Rules that are judged as time goes by, with reads of only the buckets that they need, against back-tests, which read everything. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { backtest } from '../../../src/alerts/backtest.ts'
import type { SeriesKey } from '../../../src/alerts/reading/read-series.ts'
import { completeBody, resolveRule } from '../../../src/alerts/rules/resolve-rule.ts'
import type { AlertRuleBody } from '../../../src/alerts/rules/rule-schema.ts'
import { requireFacts } from '../../../src/analytics/engagement/facts-as-of.ts'
import { messagesSent, openAlertApp } from '../../support/app/alert-app.ts'
import { testFactsAsOf } from '../../support/store/facts/test-facts.ts'

const TENANT = 'compared'
const HOUR_MS = 3_600_000
const WEEK_HOURS = 168
/** The end of the period that is judged, and its begin. */
const END = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
const HOURS = 110
const START = END - HOURS * HOUR_MS
/** Longer than what is looked at first of a silence. */
const SILENT = { from: START + 24 * HOUR_MS, to: START + 90 * HOUR_MS }
/** Hours by which the evaluations are apart. */
const STEPS = [1, 3, 1, 20, 2, 7, 1]

/** Two messages in each hour of eleven weeks, twelve in one, and none in the silence. */
const EVENTS = Array.from({ length: 11 * WEEK_HOURS }, (_, index) => END - (index + 1) * HOUR_MS)
  .filter((hour) => hour < SILENT.from || hour >= SILENT.to)
  .flatMap((hour) => [
    ...messagesSent(TENANT, hour, 1),
    ...messagesSent(TENANT, hour, hour === START + 5 * HOUR_MS ? 12 : 1, 'sms'),
  ])

const SILENCE = { kind: 'silence', expected: 7 } as const
const SEASONAL = { kind: 'seasonalCount', minChange: 1 } as const
const RULES: readonly (Pick<AlertRuleBody, 'metric' | 'detector'> & Partial<AlertRuleBody>)[] = [
  { metric: 'sent', detector: SEASONAL },
  { metric: 'sent', detector: SILENCE },
  { metric: 'sent', detector: SILENCE, splitBy: 'channel' },
  // Takes longer to fire than what is looked at first.
  { metric: 'sent', detector: { kind: 'silence', expected: 110 } },
  { metric: 'sent', detector: { kind: 'threshold', above: 3 }, noData: 'ok' },
  {
    metric: 'sent',
    detector: SEASONAL,
    filter: { dimension: 'recipientDomain', operator: 'notIn', values: ['x.org'] },
  },
  { metric: 'messages', detector: SILENCE },
  { metric: 'acceptedRate', detector: { kind: 'threshold', below: 50, minDenominator: 1 } },
]

describe('the evaluation of rules as time goes by', () => {
  let opened: Awaited<ReturnType<typeof openAlertApp>>
  beforeAll(async () => {
    opened = await openAlertApp(EVENTS)
  }, 60_000)
  afterAll(() => opened?.close(), 30_000)

  test('changes states where a back-test does', async () => {
    const bodies = RULES.map((rule, index) =>
      completeBody({ name: `Rule ${index}`, granularity: 'hour', settleMinutes: 0, for: 1, recoverAfter: 2, ...rule }),
    )
    const rules = []
    for (const rule of bodies)
      rules.push(await opened.alerts.definitions.create(TENANT, { rule, judgedSince: Date.now() }))
    let now = START + HOUR_MS
    const evaluator = opened.alerts.evaluatorOf({ tenantId: TENANT, now: () => now })
    await evaluator.update()
    for (let step = 0; now <= END; now += STEPS[step++ % STEPS.length]! * HOUR_MS)
      await evaluator.round(new AbortController().signal)
    const source = { port: opened.app.port, factsOf: () => requireFacts({ facts: testFactsAsOf(END) }) }
    const shown = (
      changes: readonly { series: SeriesKey; bucket: number; from: string; to: string; value: number | null }[],
    ) =>
      changes
        .map(({ series, bucket, from, to, value }) => `${(bucket - START) / HOUR_MS} ${series} ${from} ${to} ${value}`)
        .toSorted()
    const counts: number[] = []
    for (const { id, body } of rules) {
      const record = await opened.alerts.records.read(TENANT, id)
      const range = { start: START, end: record!.record.bucket }
      const { transitions } = await backtest(
        source,
        TENANT,
        resolveRule(body.rule, { allowsPrivateWebhooks: true }),
        range,
        { now: END },
      )
      expect([body.rule.name, shown(record!.record.transitions)]).toEqual([body.rule.name, shown(transitions)])
      counts.push(transitions.length)
    }
    // Each rule but that on accepted messages, of which there are none, begins and ends at least one episode.
    expect(counts.map((count) => count >= 2)).toEqual(RULES.map(({ metric }) => metric !== 'acceptedRate'))
  }, 60_000)
})
