/** A rule while it is written: its part of the address, and the changes that the editor makes. Who is told is no part of it, because addresses of webhooks may be secret. */
import { RECOVERY_SHARE } from '../../alerts/detectors/threshold.ts'
import { DETECTORS, type DetectorField } from '../../alerts/rules/detector-fields.ts'
import { DETECTOR_KINDS, type DetectorKind, RULE_DEFAULTS, RULE_GRANULARITIES } from '../../alerts/rules/rule-limits.ts'
import type { AlertRuleBody } from '../../alerts/rules/rule-schema.ts'
import type { ShownAlert } from '../../http/alerts/alert-data.ts'
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import { DIMENSION_NAMES } from '../../analytics/dimensions.ts'
import { choiceOf, filterOf, objectOf, parseDefinition, type Untrusted } from '../analysis/definition-text.ts'
import { metricOf, type QuerySchema } from '../explorer/query-schema.ts'

export const NO_DATA = ['keep', 'ok', 'alert'] as const
export const DIRECTIONS = ['both', 'up', 'down'] as const

type Complete = Required<
  Pick<AlertRuleBody, 'settleMinutes' | 'for' | 'recoverAfter' | 'noData' | 'timezone' | 'enabled'>
>
export type RuleDraft = Omit<AlertRuleBody, 'notify' | 'filter' | keyof Complete> &
  Complete & { readonly filter?: NonNullable<AlertRuleBody['filter']> }

/** What the address says: a rule, and the version of the stored rule that it changes. */
export interface Draft {
  readonly rule: RuleDraft
  /** The entity tag of the stored rule when it was opened; undefined for a new rule. */
  readonly etag: string | undefined
}

export interface DraftSources {
  readonly schema: QuerySchema
  readonly presets: readonly { readonly name: string; readonly rule: AlertRuleBody }[]
  /** The rule that is changed, with its entity tag. */
  readonly stored?: { readonly rule: AlertRuleBody; readonly etag: string } | undefined
  readonly zone: string
}

const FIRST: AlertRuleBody = {
  name: '',
  metric: 'bounceMessageRate',
  granularity: 'day',
  detector: { kind: 'threshold', above: 5, minDenominator: 100 },
}

/** Reads the text of the address: a preset, a rule, or that the stored one is edited. */
export function parseDraft(text: string | undefined, { schema, presets, stored, zone }: DraftSources): Draft {
  const { preset, rule, etag } = parseDefinition(text)
  if (rule !== undefined)
    return { rule: ruleOf(objectOf(rule), schema, zone), etag: typeof etag === 'string' ? etag : stored?.etag }
  if (stored) return { rule: ruleOf(stored.rule, schema, zone), etag: stored.etag }
  const start = presets.find(({ name }) => name === preset)?.rule ?? FIRST
  // A preset has the zone of its author.
  return { rule: ruleOf({ ...start, timezone: zone }, schema, zone), etag: undefined }
}

export function formatDraft({ rule, etag }: Draft): string {
  return JSON.stringify({ rule, ...(etag !== undefined && { etag }) })
}

function ruleOf(value: Untrusted, schema: QuerySchema, zone: string): RuleDraft {
  const metric = schema.metrics.find(({ name }) => name === value['metric'])?.name as QueryMetricName | undefined
  const filter = filterOf(value['filter'])
  const splitBy = DIMENSION_NAMES.find((name) => name === value['splitBy'])
  const { name, timezone, enabled } = value
  const number = (field: 'settleMinutes' | 'for' | 'recoverAfter') => {
    const given = value[field]
    return typeof given === 'number' ? given : RULE_DEFAULTS[field]
  }
  return {
    name: typeof name === 'string' ? name : '',
    metric: metric ?? FIRST.metric,
    ...(filter && { filter }),
    ...(splitBy && { splitBy }),
    granularity: choiceOf(RULE_GRANULARITIES, value['granularity']),
    detector: detectorOf(objectOf(value['detector'])),
    settleMinutes: number('settleMinutes'),
    for: number('for'),
    recoverAfter: number('recoverAfter'),
    noData: choiceOf(NO_DATA, value['noData']),
    timezone: typeof timezone === 'string' ? timezone : zone,
    enabled: enabled !== false,
  }
}

/** A detector with the defaults of its kind. A field without a number is left out, and so are recovery limits that follow from the others. */
function detectorOf(value: Untrusted): AlertRuleBody['detector'] {
  const kind = choiceOf(DETECTOR_KINDS, value['kind'])
  const { fields } = DETECTORS[kind]
  const isDefault = (field: DetectorField) =>
    (field === 'recoverAbove' && isNear(value[field], RECOVERY_SHARE * Number(value['above']))) ||
    (field === 'recoverBelow' && isNear(value[field], Number(value['below']) / RECOVERY_SHARE))
  const entries = (Object.keys(fields) as DetectorField[]).flatMap((field): [DetectorField, number | string][] => {
    const given = value[field]
    if (field === 'direction') return [[field, choiceOf(DIRECTIONS, given)]]
    const number = typeof given === 'number' ? given : fields[field]
    return number === undefined || isDefault(field) ? [] : [[field, number]]
  })
  return { kind, ...Object.fromEntries(entries) }
}

const isNear = (value: unknown, other: number) => typeof value === 'number' && Math.abs(value - other) < 1e-9 * other

export type MetricKind = 'count' | 'rate' | 'median'

/** What kind of number a metric is, as detectors distinguish them. */
export function metricKindOf(schema: QuerySchema, name: QueryMetricName): MetricKind {
  const { unit } = metricOf(schema, name)
  if (unit === 'percent') return 'rate'
  return unit === 'seconds' ? 'median' : 'count'
}

/** The detectors that can judge a metric. */
export function detectorsOf(kind: MetricKind): readonly DetectorKind[] {
  return DETECTOR_KINDS.filter((each) => DETECTORS[each].metrics.includes(kind))
}

/** The values with which a kind of detector starts, where it has no defaults. */
const STARTS: Readonly<Partial<Record<DetectorKind, AlertRuleBody['detector']>>> = {
  threshold: { kind: 'threshold', above: 10 },
  rareRate: { kind: 'rareRate', p0: 0.001 },
}

export function startOf(kind: DetectorKind): AlertRuleBody['detector'] {
  return detectorOf(STARTS[kind] ?? { kind })
}

/** A rule with another metric: without the division and the detector that it cannot have. */
export function withMetric(rule: RuleDraft, schema: QuerySchema, metric: QueryMetricName): RuleDraft {
  const { splitBy, detector, ...others } = rule
  const kind = metricKindOf(schema, metric)
  const keepsSplit = splitBy !== undefined && metricOf(schema, metric).dimensions.includes(splitBy)
  const { minDenominator: _, ...withoutDenominator } = detector
  const kept = detector.kind === 'threshold' && kind !== 'rate' ? withoutDenominator : detector
  return {
    ...others,
    metric,
    ...(keepsSplit && { splitBy }),
    detector: DETECTORS[detector.kind].metrics.includes(kind) ? kept : startOf(detectorsOf(kind)[0]!),
  }
}

/** A stored rule as the editor has it. */
export function storedRuleOf(rule: ShownAlert): RuleDraft {
  const { filter } = rule
  const { name, metric, splitBy, granularity, detector, settleMinutes, recoverAfter, noData, timezone, enabled } = rule
  return {
    name,
    metric,
    granularity,
    detector: detectorOf(detector),
    ...(filter && { filter }),
    ...(splitBy && { splitBy }),
    settleMinutes: settleMinutes ?? RULE_DEFAULTS.settleMinutes,
    for: rule.for ?? RULE_DEFAULTS.for,
    recoverAfter: recoverAfter ?? RULE_DEFAULTS.recoverAfter,
    noData: noData ?? RULE_DEFAULTS.noData,
    timezone: timezone ?? 'UTC',
    enabled: enabled !== false,
  }
}
