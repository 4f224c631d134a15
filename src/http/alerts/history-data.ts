/** The responses about what happened: changes of state, and who was told. */
import { type Static, Type } from '@sinclair/typebox'
import { choice, instant, object } from '../../analytics/schemas.ts'
import { formatInstant } from '../../analytics/time/buckets.ts'
import type { RecordedTransition } from '../../alerts/evaluation/alert-record.ts'
import { ALERT_STATES } from '../../alerts/judging/alert-state.ts'
import type { Transition } from '../../alerts/judging/track-series.ts'
import {
  type AlertRecipient,
  type AlertTarget,
  roundedExpectation,
  roundedValue,
  seriesOf,
} from '../../alerts/notifications/notification.ts'
import type { SeriesKey } from '../../alerts/reading/read-series.ts'
import { AlertRuleSchema } from '../../alerts/rules/rule-schema.ts'
import { DELIVERY_STATUSES } from '../../delivery/delivery.ts'
import type { StoredDelivery } from '../../delivery/delivery-store.ts'
import type { AlertDefinition } from '../../alerts/alert-definition.ts'
import { BACKTEST_LIMITS, type ShownSeries } from '../../alerts/backtest.ts'
import { SeriesKeyData, ValueData, VERDICTS } from './alert-data.ts'

type Split = AlertDefinition['rule']['splitBy']

const DeliveryData = object(
  {
    channel: choice(['email', 'webhook', 'event'], 'How it was sent.'),
    recipient: Type.Union([Type.String(), Type.Null()], {
      description: 'The address of the e-mail or the webhook; null for a message on the broker.',
    }),
    status: choice(
      DELIVERY_STATUSES,
      '`unknown`: the process ended while it sent, and it is not repeated. `missed`: no process ran in time.',
    ),
    attempts: Type.Integer({ minimum: 0, description: 'The attempts so far.' }),
    nextAttemptAt: Type.Union([instant('When it is tried again'), Type.Null()], {
      description: 'When it is tried again; null where it is not.',
    }),
    error: Type.Union([Type.String(), Type.Null()], { description: 'Why the last attempt failed; null without one.' }),
  },
  'A notification to one recipient.',
  'AlertDelivery',
)

const expectation = () =>
  Type.Union(
    [
      object(
        {
          lower: Type.Optional(Type.Number({ description: 'The lower limit.' })),
          upper: Type.Optional(Type.Number({ description: 'The upper limit.' })),
        },
        'What would have been usual.',
        'AlertExpectation',
      ),
      Type.Null(),
    ],
    { description: 'What would have been usual; null where the detector does not say.' },
  )

const transitionProperties = () => ({
  series: SeriesKeyData,
  bucket: instant('The start of the bucket that was judged'),
  from: choice(ALERT_STATES, 'The state before.'),
  to: choice(ALERT_STATES, 'The state after.'),
  value: ValueData,
  expected: expectation(),
})

export const HistoryParameters = object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 300, default: 50, description: 'How many changes of state.' }),
    ),
  },
  'The parameters of a history.',
)
export const DEFAULT_HISTORY = 50

export const AlertHistoryData = object(
  {
    transitions: Type.Array(
      object(
        {
          ...transitionProperties(),
          bucketEnd: instant('The end of that bucket'),
          at: instant('When it was judged'),
          announcement: Type.Union([choice(['firing', 'resolved'], 'What people are told.'), Type.Null()], {
            description: 'What people are told; null where the change means nothing to them.',
          }),
          silenced: Type.Union([Type.String(), Type.Null()], {
            description: 'Why nobody was told: `snoozed`, or `begin not announced`.',
          }),
          deliveries: Type.Array(DeliveryData, { description: 'Who was told.' }),
        },
        'A change of state.',
        'AlertTransition',
      ),
      { description: 'The latest 300 changes of state, the newest first.' },
    ),
  },
  'The history of an alert rule.',
  'AlertHistory',
)

export type ShownHistory = Static<typeof AlertHistoryData>

export const BacktestData = object(
  {
    transitions: Type.Array(object(transitionProperties(), 'A change of state.', 'BacktestTransition'), {
      description: 'Every change of state, by bucket.',
    }),
    buckets: Type.Integer({ minimum: 0, description: 'How many settled buckets of the range were judged.' }),
    series: Type.Integer({ minimum: 0, description: 'How many series the rule has.' }),
    shown: Type.Optional(
      Type.Array(
        object(
          {
            series: SeriesKeyData,
            buckets: Type.Array(
              object(
                {
                  bucket: instant('The start of the bucket'),
                  value: ValueData,
                  verdict: choice(VERDICTS, 'What the detector said.'),
                  expected: expectation(),
                  state: choice(ALERT_STATES, 'The state after the bucket.'),
                },
                'A judged bucket.',
                'BacktestBucket',
              ),
              { description: 'The judged buckets in their order.' },
            ),
          },
          'A series with its judged buckets.',
          'BacktestSeries',
        ),
        {
          description: `Only with \`showBuckets\`: at most ${BACKTEST_LIMITS.shownSeries} series with ${BACKTEST_LIMITS.shownBuckets} buckets, those with the most changes first.`,
        },
      ),
    ),
  },
  'What a rule would have done.',
  'AlertBacktest',
)

export type ShownBacktest = Static<typeof BacktestData>

export const PresetsData = Type.Array(
  object(
    {
      name: Type.String({ description: 'The name.' }),
      description: Type.String({ description: 'What it is for.' }),
      rule: AlertRuleSchema,
    },
    'A rule to start from.',
    'AlertPreset',
  ),
  { description: 'Rules that help most senders.' },
)

export type ShownPresets = Static<typeof PresetsData>

export function transitionOf(
  splitBy: Split,
  { series, bucket, from, to, value, expected }: Transition & { readonly series: SeriesKey },
) {
  return {
    series: seriesOf(splitBy, series),
    bucket: formatInstant(bucket),
    from,
    to,
    value: roundedValue(value),
    expected: expected ? roundedExpectation(expected) : null,
  }
}

export function shownSeriesOf(splitBy: Split, { series, buckets }: ShownSeries) {
  return {
    series: seriesOf(splitBy, series),
    buckets: buckets.map(({ bucket, value, outcome, expected, state }) => ({
      bucket: formatInstant(bucket),
      value: roundedValue(value),
      verdict: outcome,
      expected: expected ? roundedExpectation(expected) : null,
      state,
    })),
  }
}

/** `deliveries` are those of the rule, as far as they may belong to the change. */
export function historyItemOf(
  splitBy: Split,
  transition: RecordedTransition,
  deliveries: readonly StoredDelivery<AlertTarget>[],
) {
  const { end, at, announcement, isSilenced } = transition
  const item = transitionOf(splitBy, transition)
  const series = JSON.stringify(item.series)
  const own = deliveries.filter(({ delivery: { target } }) => {
    const { notification } = target
    return (
      notification.transition === announcement &&
      notification.bucket.start === item.bucket &&
      JSON.stringify(notification.series) === series
    )
  })
  return {
    ...item,
    bucketEnd: formatInstant(end),
    at: formatInstant(at),
    announcement: announcement ?? null,
    silenced: isSilenced ?? null,
    deliveries: own.map(deliveryOf),
  }
}

function deliveryOf({ delivery }: StoredDelivery<AlertTarget>) {
  const { target, status, attempts, nextAttemptAt, error = null } = delivery
  return {
    channel: target.recipient.channel,
    recipient: recipientText(target.recipient),
    status,
    attempts,
    nextAttemptAt: nextAttemptAt === undefined ? null : formatInstant(nextAttemptAt),
    error,
  }
}

function recipientText(recipient: AlertRecipient): string | null {
  if (recipient.channel === 'event') return null
  return recipient.channel === 'email' ? recipient.address : recipient.url
}
