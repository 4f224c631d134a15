/** The responses about alert rules. */
import { type Static, Type } from '@sinclair/typebox'
import { choice, instant, object } from '../../analytics/schemas.ts'
import { formatInstant } from '../../analytics/time/buckets.ts'
import type { AlertDefinition } from '../../alerts/alert-definition.ts'
import type { AlertRecord, SeriesRecord } from '../../alerts/evaluation/alert-record.ts'
import { ALERT_STATES } from '../../alerts/judging/alert-state.ts'
import { roundedValue, seriesOf } from '../../alerts/notifications/notification.ts'
import { AlertRuleSchema, NotifySchema } from '../../alerts/rules/rule-schema.ts'
import type { Definition } from '../../definitions/ports.ts'
import { definitionFields, definitionProperties } from '../definitions/definition-responses.ts'

export const AlertPath = object(
  { alertId: Type.String({ minLength: 1, description: 'The id of the rule.', examples: ['alert-1'] }) },
  'The path of an alert rule.',
)

export const SeriesKeyData = Type.Union(
  [
    Type.Object(
      {},
      {
        title: 'AlertSeries',
        additionalProperties: true,
        description: 'The value of `splitBy`, a text, a number or null: `{ "channel": "email" }`.',
      },
    ),
    Type.Null(),
  ],
  { description: 'The series; null for a rule without `splitBy`.' },
)
export const ValueData = Type.Union([Type.Number(), Type.Null()], {
  description: 'A count, a rate in percent, or a median in seconds; null where the bucket has none.',
})
const nullableInstant = (description: string) =>
  Type.Union([instant(description), Type.Null()], { description: `${description}; null for none.` })

const SHOWN_STATES = [...ALERT_STATES, 'noData', 'stale'] as const
export const VERDICTS = ['fires', 'clear', 'noData', 'tooFew'] as const
const state = () =>
  choice(
    SHOWN_STATES,
    '`noData`: nothing could be judged. `stale`: the service is behind its events and does not judge.',
  )

const SeriesStateData = object(
  {
    series: SeriesKeyData,
    state: state(),
    since: nullableInstant('The start of the bucket at which the state began'),
    value: ValueData,
    verdict: choice(
      VERDICTS,
      'What the detector said about the newest bucket. `tooFew`: there is too little to compare it with.',
    ),
  },
  'The state of a series.',
  'AlertSeriesState',
)

/** The address of a webhook without its secret. */
const ShownNotify = object(
  {
    ...NotifySchema.properties,
    webhooks: Type.Optional(
      Type.Array(
        object(
          { url: Type.String({ description: 'The address.' }) },
          'An address that is told; its secret is not returned.',
          'ShownAlertWebhook',
        ),
        { description: 'Addresses that get a request.' },
      ),
    ),
  },
  'Who is told about the begin and the end of an episode.',
  'ShownAlertNotify',
)

export const AlertData = object(
  {
    ...definitionProperties(),
    ...AlertRuleSchema.properties,
    notify: ShownNotify,
    snoozedUntil: nullableInstant('Nobody is told before'),
    state: state(),
    bucket: nullableInstant('The start of the newest bucket that was judged'),
    states: Type.Array(SeriesStateData, { description: 'The state of each series, the firing ones first.' }),
    problem: Type.Union([Type.String(), Type.Null()], {
      description: 'Why the rule cannot be judged at the moment; null where it can.',
    }),
    mail: choice(
      ['configured', 'not configured'],
      'Whether the service can send e-mails: without `SMTP_URL` none are sent.',
    ),
  },
  'An alert rule as it is stored, with its states.',
  'StoredAlertRule',
)

export type ShownAlert = Static<typeof AlertData>

export const AlertListData = object(
  { alerts: Type.Array(AlertData, { description: 'All rules of the tenant, the oldest first.' }) },
  'The alert rules of the tenant.',
  'AlertList',
)

export interface AlertView {
  readonly record: AlertRecord | undefined
  readonly isStale: boolean
  readonly problem: string | undefined
  readonly isMailConfigured: boolean
}

type ShownState = (typeof SHOWN_STATES)[number]
const URGENCY: readonly ShownState[] = ['firing', 'recovering', 'pending', 'noData', 'normal']

export function alertDataOf(
  definition: Definition<AlertDefinition>,
  { record, isStale, problem, isMailConfigured }: AlertView,
) {
  const { rule, judgedSince, snoozedUntil } = definition.body
  const { notify = {} } = rule
  const current = record?.judgedSince === judgedSince ? record : undefined
  const states = (current?.series ?? [])
    .map((series) => seriesStateOf(series, rule.splitBy))
    .toSorted((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state))
  const isJudged = rule.enabled !== false
  return {
    ...definitionFields(definition),
    ...rule,
    notify: { ...notify, webhooks: (notify.webhooks ?? []).map(({ url }) => ({ url })) },
    snoozedUntil: snoozedUntil === undefined ? null : formatInstant(snoozedUntil),
    state: isStale && isJudged ? ('stale' as const) : (states[0]?.state ?? 'noData'),
    bucket: current ? formatInstant(current.bucket) : null,
    states,
    problem: problem ?? null,
    mail: isMailConfigured ? ('configured' as const) : ('not configured' as const),
  }
}

function seriesStateOf({ series, state: { name }, since, outcome, value }: SeriesRecord, splitBy: AlertRuleSplit) {
  const isMissing = name === 'normal' && (outcome === 'noData' || outcome === 'tooFew')
  return {
    series: seriesOf(splitBy, series),
    state: isMissing ? ('noData' as const) : name,
    since: since === undefined ? null : formatInstant(since),
    value: roundedValue(value),
    verdict: outcome,
  }
}

type AlertRuleSplit = AlertDefinition['rule']['splitBy']
