/** What people and other systems are told about a change of state, and who is told. */
import { formatInstant } from '../../analytics/time/buckets.ts'
import { digestOf } from '../../base/bytes/opaque-text.ts'
import type { Definition } from '../../definitions/ports.ts'
import type { OpenDelivery } from '../../delivery/delivery-store.ts'
import type { AlertDefinition } from '../alert-definition.ts'
import type { AnnouncementKind, RecordedTransition } from '../evaluation/alert-record.ts'
import type { SeriesKey } from '../reading/read-series.ts'
import type { AlertRuleBody, NotifyBody } from '../rules/rule-schema.ts'

/** The body of webhooks and of messages on the broker. Instants are UTC, ISO 8601. */
export interface AlertNotification {
  readonly transition: AnnouncementKind
  readonly tenantId: string
  readonly ruleId: string
  readonly name: string
  readonly metric: AlertRuleBody['metric']
  readonly detector: AlertRuleBody['detector']['kind']
  readonly granularity: AlertRuleBody['granularity']
  readonly timezone: string
  /** The value of `splitBy`; null for a rule without it. */
  readonly series: Readonly<Record<string, SeriesKey>> | null
  readonly bucket: { readonly start: string; readonly end: string }
  /** A count, a rate in percent, or a median in seconds. */
  readonly value: number | null
  readonly expected: { readonly lower?: number; readonly upper?: number } | null
  /** When the bucket was judged. */
  readonly at: string
}

/** Where a notification goes. */
export type AlertRecipient =
  | { readonly channel: 'email'; readonly address: string }
  | { readonly channel: 'webhook'; readonly url: string }
  | { readonly channel: 'event' }

/** What a delivery sends, and to whom. The secret of a webhook is read from the rule when it is called. */
export interface AlertTarget {
  readonly recipient: AlertRecipient
  readonly notification: AlertNotification
}

/** A notification that could not be sent by then is too old to help. */
const START_WITHIN_MS = 6 * 3_600_000

/** One delivery for each recipient of the rule. Calling it again gives the same deliveries. */
export async function deliveriesOf(
  { tenantId, id: ruleId, body }: Definition<AlertDefinition>,
  transition: RecordedTransition,
): Promise<OpenDelivery<AlertTarget>[]> {
  const { rule, judgedSince } = body
  const notification = notificationOf(tenantId, ruleId, rule, transition)
  return Promise.all(
    recipientsOf(rule.notify).map(async (recipient) => {
      const identity = [judgedSince, transition.series, transition.announcement, recipient]
      return {
        // Ids of later buckets sort behind those of earlier ones.
        key: { tenantId, sourceId: ruleId, id: `${transition.bucket}-${await digestOf(identity)}` },
        target: { recipient, notification },
        startBy: transition.at + START_WITHIN_MS,
      }
    }),
  )
}

function recipientsOf({ emails = [], webhooks = [], events = false }: NotifyBody = {}): AlertRecipient[] {
  return [
    ...emails.map((address) => ({ channel: 'email' as const, address })),
    ...webhooks.map(({ url }) => ({ channel: 'webhook' as const, url })),
    ...(events ? [{ channel: 'event' as const }] : []),
  ]
}

function notificationOf(
  tenantId: string,
  ruleId: string,
  { name, metric, detector, granularity, timezone = 'UTC', splitBy }: AlertRuleBody,
  { announcement, series, bucket, end, value, expected, at }: RecordedTransition,
): AlertNotification {
  return {
    transition: announcement!,
    tenantId,
    ruleId,
    name,
    metric,
    detector: detector.kind,
    granularity,
    timezone,
    series: seriesOf(splitBy, series),
    bucket: { start: formatInstant(bucket), end: formatInstant(end) },
    value: roundedValue(value),
    expected: expected ? roundedExpectation(expected) : null,
    at: formatInstant(at),
  }
}

/** A series as responses and notifications show it. */
export function seriesOf(splitBy: AlertRuleBody['splitBy'], series: SeriesKey): AlertNotification['series'] {
  return splitBy === undefined ? null : { [splitBy]: series }
}

/** To two decimals, as all rates of responses. */
export function roundedValue(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100
}

export function roundedExpectation({ lower, upper }: { readonly lower?: number; readonly upper?: number }) {
  return {
    ...(lower === undefined ? {} : { lower: Math.round(lower * 100) / 100 }),
    ...(upper === undefined ? {} : { upper: Math.round(upper * 100) / 100 }),
  }
}
