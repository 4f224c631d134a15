/** Detectors of requests: which fields each kind has, with their defaults, and what they need of each other and of the metric. */
import type { FailureDetail } from '../../base/errors.ts'
import type { Detector } from '../detectors/detector.ts'
import { RECOVERY_SHARE } from '../detectors/threshold.ts'
import type { DetectorKind } from './rule-limits.ts'
import type { DetectorBody } from './rule-schema.ts'

/** What kind of number a metric is. */
export type MetricKind = 'count' | 'rate' | 'median'

export type DetectorField = Exclude<keyof DetectorBody, 'kind'>

interface Kind {
  readonly metrics: readonly MetricKind[]
  /** Fields with their defaults; undefined where there is none. */
  readonly fields: Readonly<Partial<Record<DetectorField, DetectorBody[DetectorField]>>>
}

export const DETECTORS: Readonly<Record<DetectorKind, Kind>> = {
  threshold: {
    metrics: ['count', 'rate', 'median'],
    fields: {
      above: undefined,
      below: undefined,
      recoverAbove: undefined,
      recoverBelow: undefined,
      minDenominator: undefined,
    },
  },
  rareRate: { metrics: ['rate'], fields: { p0: undefined, alpha: 0.05, minDenominator: 1_000, minCount: 3 } },
  seasonalCount: { metrics: ['count'], fields: { z: 3.5, minChange: 10, minChangePercent: 30, direction: 'both' } },
  rateShift: { metrics: ['rate'], fields: { z: 3.5, direction: 'both' } },
  silence: { metrics: ['count'], fields: { expected: 7 } },
}

const METRIC_WORDS: Readonly<Record<MetricKind, string>> = { count: 'a count', rate: 'a rate', median: 'a median' }

/** Reports what is wrong with a detector. `at` is the path of the rule, with a dot at its end unless it is empty. */
export function detectorMistakes(body: DetectorBody, metric: MetricKind, at: string): FailureDetail[] {
  const { metrics, fields } = DETECTORS[body.kind]
  const known = Object.keys(fields)
  const mistakes: FailureDetail[] = Object.keys(body)
    .filter((name) => name !== 'kind' && !known.includes(name))
    .map((name) => ({
      path: `${at}detector.${name}`,
      message: `${body.kind} has no ${name}. Its fields: ${known.join(', ')}.`,
    }))
  if (!metrics.includes(metric))
    mistakes.push({
      path: `${at}metric`,
      message: `${body.kind} judges ${metrics.map((kind) => METRIC_WORDS[kind]).join(' or ')}, not ${METRIC_WORDS[metric]}.`,
    })
  if (body.kind === 'threshold') mistakes.push(...thresholdMistakes(body, metric, `${at}detector`))
  if (body.kind === 'rareRate' && (body.p0 === undefined || body.p0 >= 1))
    mistakes.push({ path: `${at}detector.p0`, message: 'Expected the acceptable rate as a fraction below 1.' })
  return mistakes
}

function thresholdMistakes(
  { above, below, recoverAbove, recoverBelow, minDenominator }: DetectorBody,
  metric: MetricKind,
  path: string,
): FailureDetail[] {
  const rules: readonly (readonly [isBroken: boolean, field: string, message: string])[] = [
    [above === undefined && below === undefined, '', 'threshold needs above, below or both.'],
    [
      above !== undefined && below !== undefined && below >= above,
      '.below',
      'below has to be smaller than above: otherwise every value fires.',
    ],
    [
      recoverAbove !== undefined && (above === undefined || recoverAbove > above),
      '.recoverAbove',
      'recoverAbove needs above, and is at most as large.',
    ],
    [
      recoverBelow !== undefined && (below === undefined || recoverBelow < below),
      '.recoverBelow',
      'recoverBelow needs below, and is at least as large.',
    ],
    [
      minDenominator !== undefined && metric !== 'rate',
      '.minDenominator',
      'Only a rate has something that it is divided by.',
    ],
  ]
  return rules.flatMap(([isBroken, field, message]) => (isBroken ? [{ path: path + field, message }] : []))
}

/** The detector with the defaults of its kind. It has no mistakes. */
export function completeDetector(body: DetectorBody): Detector {
  const { fields } = DETECTORS[body.kind]
  const defaults = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  const { above, below } = body
  const recovery =
    body.kind === 'threshold'
      ? {
          ...(above === undefined ? {} : { recoverAbove: RECOVERY_SHARE * above }),
          ...(below === undefined ? {} : { recoverBelow: below / RECOVERY_SHARE }),
        }
      : {}
  return { ...defaults, ...recovery, ...body } as Detector
}
