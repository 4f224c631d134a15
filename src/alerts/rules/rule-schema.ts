/** Alert rules as clients write them. What a schema cannot say, `resolve-rule.ts` checks. */
import { type Static, Type } from '@sinclair/typebox'
import { QUERY_METRIC_NAMES, type QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import { type DimensionName, DIMENSION_NAMES } from '../../analytics/dimensions.ts'
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import { choice, object } from '../../analytics/schemas.ts'
import { DIRECTIONS } from '../detectors/verdict.ts'
import { NO_DATA_CHOICES } from '../judging/alert-state.ts'
import { DETECTOR_KINDS, RULE_DEFAULTS, RULE_GRANULARITIES, RULE_LIMITS } from './rule-limits.ts'

const nameOf = <Name extends string>(names: readonly Name[], description: string) =>
  Type.Unsafe<Name>(Type.String({ minLength: 1, maxLength: 100, enum: names, description }))

/** Instead of an exclusive minimum of 0, which the API document cannot express. */
const SMALLEST = 1e-9

const positive = (description: string, options: { readonly default?: number; readonly maximum?: number } = {}) =>
  Type.Optional(Type.Number({ minimum: SMALLEST, maximum: 1e15, description, ...options }))
const notNegative = (description: string, options: { readonly default?: number } = {}) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e15, description, ...options }))

/** The fields of all kinds: each kind has only its own, which `resolve-rule.ts` checks. */
const DetectorSchema = object(
  {
    kind: choice(DETECTOR_KINDS, 'What decides whether a bucket is unusual.'),
    above: notNegative('`threshold`: fires above this value; rates in percent.'),
    below: notNegative('`threshold`: fires below this value; rates in percent.'),
    recoverAbove: notNegative('`threshold`: a firing state stays above this value; by default 0.8 · `above`.'),
    recoverBelow: notNegative('`threshold`: a firing state stays below this value; by default `below` ÷ 0.8.'),
    p0: positive('`rareRate`: the acceptable rate as a fraction, such as 0.001.', { maximum: 1 }),
    alpha: positive('`rareRate`: the probability of a false alarm at exactly that rate.', {
      default: 0.05,
      maximum: 1,
    }),
    minDenominator: notNegative(
      '`threshold` and `rareRate`: with less to divide by a rate has no verdict, or is clear. 1,000 by default for `rareRate`.',
    ),
    minCount: notNegative('`rareRate`: fewer cases never fire.', { default: 3 }),
    z: positive('`seasonalCount` and `rateShift`: the width of the bounds in standard deviations.', {
      default: 3.5,
      maximum: 100,
    }),
    minChange: notNegative('`seasonalCount`: a smaller difference from the median never fires.', { default: 10 }),
    minChangePercent: notNegative('`seasonalCount`: the same in percent of the median.', { default: 30 }),
    direction: Type.Optional(
      choice(DIRECTIONS, '`seasonalCount` and `rateShift`: the direction in which a change counts.', 'both'),
    ),
    expected: positive('`silence`: fires when so many events were to be expected since the last one.', { default: 7 }),
  },
  'What decides whether a bucket is unusual. Each kind has its own fields.',
  'AlertDetector',
)
export type DetectorBody = Static<typeof DetectorSchema>

const evaluations = (description: string, fallback: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: RULE_LIMITS.evaluations, default: fallback, description }))

const WebhookSchema = object(
  {
    url: Type.String({
      minLength: 1,
      maxLength: 2_000,
      description: 'An address with http or https, which gets a POST with JSON.',
    }),
    secret: Type.Optional(
      Type.String({
        minLength: 16,
        maxLength: 256,
        description:
          'The key of the signature `x-signature: sha256=<HMAC of the body in hexadecimal>`. It is never returned; a change of the rule may leave it out to keep it.',
      }),
    ),
  },
  'An address that is told.',
  'AlertWebhook',
)

export const NotifySchema = object(
  {
    emails: Type.Optional(
      Type.Array(Type.String({ minLength: 3, maxLength: 254 }), {
        maxItems: RULE_LIMITS.emails,
        description: 'Addresses that get an e-mail.',
      }),
    ),
    webhooks: Type.Optional(
      Type.Array(WebhookSchema, { maxItems: RULE_LIMITS.webhooks, description: 'Addresses that get a request.' }),
    ),
    events: Type.Optional(
      Type.Boolean({
        description: 'Whether a message is published on `analytics.alert.firing` and `analytics.alert.resolved`.',
      }),
    ),
  },
  'Who is told about the begin and the end of an episode.',
  'AlertNotify',
)
export type NotifyBody = Static<typeof NotifySchema>

export const AlertRuleSchema = object(
  {
    name: Type.String({ minLength: 1, maxLength: RULE_LIMITS.name, description: 'For people.' }),
    metric: nameOf<QueryMetricName>(QUERY_METRIC_NAMES, 'A metric of `/query/schema`.'),
    filter: Type.Optional(
      Type.Unsafe<FilterTree | null>(
        Type.Any({ description: 'Which events or messages count, as in the filter of a query.' }),
      ),
    ),
    splitBy: Type.Optional(
      Type.Unsafe<DimensionName>(
        Type.String({
          minLength: 1,
          maxLength: 100,
          enum: DIMENSION_NAMES,
          description: `A dimension: each of its values is judged on its own, at most ${RULE_LIMITS.series} of them.`,
        }),
      ),
    ),
    granularity: choice(RULE_GRANULARITIES, 'The size of the buckets, calendar aligned in `timezone`.'),
    detector: DetectorSchema,
    settleMinutes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: RULE_LIMITS.settleMinutes,
        default: RULE_DEFAULTS.settleMinutes,
        description: 'Minutes after the end of a bucket until it is judged, for events that arrive late.',
      }),
    ),
    for: evaluations('Buckets in a row that have to fire until the state is firing.', RULE_DEFAULTS.for),
    recoverAfter: evaluations(
      'Buckets in a row that have to be clear until a firing state is normal again.',
      RULE_DEFAULTS.recoverAfter,
    ),
    noData: Type.Optional(
      choice(
        NO_DATA_CHOICES,
        'What a bucket without a value counts as: nothing, as clear, or as one that fires.',
        RULE_DEFAULTS.noData,
      ),
    ),
    notify: Type.Optional(NotifySchema),
    timezone: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        default: 'UTC',
        description: 'IANA time zone that decides hours, days, weeks and weekdays.',
      }),
    ),
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'Whether the rule is evaluated.' })),
  },
  'An alert rule.',
  'AlertRule',
)
export type AlertRuleBody = Static<typeof AlertRuleSchema>
