/** What a valid rule asks for. */
import { QUERY_METRICS, type QueryMetricName, refusedPairs } from '../../analytics/custom-query/metric-sources.ts'
import { type DimensionName, DIMENSIONS } from '../../analytics/dimensions.ts'
import {
  dimensionsOfFilter,
  type FilterTree,
  parseFilter,
  unknownDimensionMessage,
} from '../../analytics/filter/filter-tree.ts'
import { ApiFailure, type FailureDetail } from '../../base/errors.ts'
import { findTimeZone, type TimeZone } from '../../base/time-zone.ts'
import { lineMistakes } from '../../base/texts/one-line.ts'
import type { Detector } from '../detectors/detector.ts'
import type { StateRule } from '../judging/alert-state.ts'
import { completeDetector, detectorMistakes, type MetricKind } from './detector-fields.ts'
import { type NotifyRules, notifyMistakes } from './notify-targets.ts'
import { RULE_DEFAULTS, type RULE_GRANULARITIES } from './rule-limits.ts'
import type { AlertRuleBody } from './rule-schema.ts'

export type RuleGranularity = (typeof RULE_GRANULARITIES)[number]

/** What a rule judges, and how: all that a back-test needs. */
export interface AlertRule extends StateRule {
  readonly metric: QueryMetricName
  readonly filter: FilterTree | undefined
  readonly splitBy: DimensionName | undefined
  readonly granularity: RuleGranularity
  readonly zone: TimeZone
  readonly detector: Detector
  readonly settleMs: number
}

const MAX_DETAILS = 20
const MINUTE_MS = 60_000

export function metricKindOf(name: QueryMetricName): MetricKind {
  const { unit } = QUERY_METRICS[name]
  if (unit === 'percent') return 'rate'
  return unit === 'seconds' ? 'median' : 'count'
}

/**
 * The rule of a body that has been checked by its schema. Throws a VALIDATION_ERROR that names each mistake; `at` stands before the paths, such as `rule.`, and is empty for a
 * body that is a rule itself.
 */
export function resolveRule(body: AlertRuleBody, notify: NotifyRules, at = ''): AlertRule {
  const { metric, splitBy, granularity, timezone = 'UTC' } = body
  const zone = findTimeZone(timezone)
  throwAny([
    ...lineMistakes(`${at}name`, body.name),
    ...(Object.hasOwn(QUERY_METRICS, metric)
      ? []
      : [{ path: `${at}metric`, message: `Unknown metric ${metric}. GET /query/schema lists them.` }]),
    ...(splitBy === undefined || Object.hasOwn(DIMENSIONS, splitBy)
      ? []
      : [{ path: `${at}splitBy`, message: unknownDimensionMessage(splitBy) }]),
    ...(zone ? [] : [{ path: `${at}timezone`, message: 'Expected an IANA time zone name such as Europe/Berlin.' }]),
    ...notifyMistakes(body.notify, notify, `${at}notify`),
  ])
  const filter = parseFilter(body.filter, `${at}filter`)
  throwAny([
    ...refusedPairs([metric], splitBy === undefined ? [] : [splitBy], dimensionsOfFilter(filter)).map(
      ({ dimension, field }) => ({
        path: at + (field === 'filter' ? 'filter' : 'splitBy'),
        message: `The metric ${metric} cannot be ${field === 'filter' ? 'filtered' : 'divided'} by ${dimension}.`,
      }),
    ),
    ...detectorMistakes(body.detector, metricKindOf(metric), at),
  ])
  return {
    metric,
    filter,
    splitBy,
    granularity,
    zone: zone!,
    detector: completeDetector(body.detector),
    settleMs: (body.settleMinutes ?? RULE_DEFAULTS.settleMinutes) * MINUTE_MS,
    for: body.for ?? RULE_DEFAULTS.for,
    recoverAfter: body.recoverAfter ?? RULE_DEFAULTS.recoverAfter,
    noData: body.noData ?? RULE_DEFAULTS.noData,
  }
}

/** A body with the defaults of what it leaves out, as responses show it. It has been resolved. */
export function completeBody(body: AlertRuleBody): AlertRuleBody {
  const { filter, notify = {}, ...given } = body
  return {
    ...RULE_DEFAULTS,
    timezone: 'UTC',
    enabled: true,
    ...given,
    ...(filter ? { filter } : {}),
    detector: completeDetector(body.detector),
    notify: { emails: [], webhooks: [], events: false, ...notify },
  }
}

function throwAny(details: readonly FailureDetail[]): void {
  if (details.length > 0)
    throw new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', details.slice(0, MAX_DETAILS))
}
