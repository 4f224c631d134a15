/** A rule in plain sentences. */
import { RECOVERY_SHARE } from '../../alerts/detectors/threshold.ts'
import { completeDetector } from '../../alerts/rules/detector-fields.ts'
import { conditionsOf } from '../analysis/conditions.ts'
import { conditionText } from '../filters/filter-text.ts'
import { numberFormat } from '../format/locale.ts'
import { formatCount } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import { formatMetric, unitOf } from '../metrics/metric-value.ts'
import { formatZoneName } from '../state/zone-names.ts'
import type { RuleDraft } from './rule-draft.ts'
import { alertTexts } from './texts/alert-texts.ts'

const decimal = (value: number) => numberFormat({ maximumFractionDigits: 4 }).format(value)
/** Limits that people typed are shown with all of their digits. */
const percent = (value: number) => numberFormat({ style: 'percent', maximumFractionDigits: 4 }).format(value / 100)
const minutes = (value: number) => numberFormat({ style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(value)

/** A limit in the unit of the metric of a rule. */
function limitText({ metric }: RuleDraft, value: number): string {
  return unitOf(metric) === 'percent' ? percent(value) : formatMetric(metric, value)
}

export function ruleSentences(rule: RuleDraft): string[] {
  const { sentence } = alertTexts()
  const { metrics, dimensions } = messages()
  const { metric, granularity, splitBy, settleMinutes, timezone, noData, enabled } = rule
  const zone = formatZoneName(timezone)
  const subject = sentence.number(metrics[metric].label, sentence.buckets[granularity])
  return [
    sentence.fires(subject, conditionOf(rule), timesText(rule.for)),
    ...filterSentences(rule),
    ...(splitBy ? [sentence.split(dimensions[splitBy])] : []),
    sentence.ends(endOf(rule), timesText(rule.recoverAfter)),
    settleMinutes === 0 ? sentence.settlesAtOnce(zone) : sentence.settles(minutes(settleMinutes), zone),
    sentence.noData[noData],
    ...(enabled ? [] : [sentence.off]),
  ]
}

function timesText(count: number): string {
  const { sentence } = alertTexts()
  if (count <= 1) return sentence.once
  return count === 2 ? sentence.twice : sentence.times(formatCount(count))
}

function conditionOf(rule: RuleDraft): string {
  const { sentence } = alertTexts()
  const detector = completeDetector(rule.detector)
  const limit = (value: number) => limitText(rule, value)
  switch (detector.kind) {
    case 'threshold': {
      const { above, below, minDenominator = 0 } = detector
      const texts =
        above !== undefined && below !== undefined
          ? sentence.aboveOrBelow(limit(above), limit(below))
          : above !== undefined
            ? sentence.above(limit(above))
            : below === undefined
              ? sentence.above('…')
              : sentence.below(limit(below))
      return texts + (minDenominator > 0 ? sentence.withAtLeast(formatCount(minDenominator)) : '')
    }
    case 'rareRate':
      return sentence.rareRate(
        Number.isFinite(detector.p0) ? percent(100 * detector.p0) : '…',
        percent(100 * detector.alpha),
        formatCount(detector.minDenominator),
        formatCount(detector.minCount),
      )
    case 'seasonalCount': {
      const { direction, z, minChange, minChangePercent } = detector
      const texts = rule.granularity === 'hour' ? sentence.seasonalHour : sentence.seasonal
      return texts[direction](decimal(z)) + sentence.minChange(decimal(minChange), percent(minChangePercent))
    }
    case 'rateShift':
      return sentence.shift[detector.direction](decimal(detector.z), sentence.base[rule.granularity])
    default:
      return sentence.silence(decimal(detector.expected))
  }
}

function endOf(rule: RuleDraft): string {
  const { sentence } = alertTexts()
  const { kind, above, below } = rule.detector
  if (kind !== 'threshold') return sentence.endsClear
  const { recoverAbove = (above ?? 0) * RECOVERY_SHARE, recoverBelow = (below ?? 0) / RECOVERY_SHARE } = rule.detector
  const [upper, lower] = [limitText(rule, recoverAbove), limitText(rule, recoverBelow)]
  if (above !== undefined && below !== undefined) return sentence.endsBoth(upper, lower)
  return below === undefined ? sentence.endsAbove(upper) : sentence.endsBelow(lower)
}

function filterSentences({ filter }: RuleDraft): string[] {
  const { sentence } = alertTexts()
  const { dimensions } = messages()
  const conditions = conditionsOf(filter)
  if (conditions === undefined) return [sentence.nested]
  if (conditions.length === 0) return []
  const texts = conditions.map((condition) => `${dimensions[condition.dimension]}: ${conditionText(condition)}`)
  return [sentence.only(texts.join(' · '))]
}
