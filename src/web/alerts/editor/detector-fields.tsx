import { RECOVERY_SHARE } from '../../../alerts/detectors/threshold.ts'
import { type DetectorField, DETECTORS } from '../../../alerts/rules/detector-fields.ts'
import type { DetectorKind } from '../../../alerts/rules/rule-limits.ts'
import { SelectField } from '../../controls/select-field.tsx'
import { formatCount } from '../../format/numbers.ts'
import { unitOf } from '../../metrics/metric-value.ts'
import { detectorsOf, DIRECTIONS, metricKindOf, type RuleDraft, startOf } from '../rule-draft.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import { NumberField } from './number-field.tsx'
import { problemText } from './problems.ts'
import type { RulePartProps } from './rule-editor-props.ts'

/** Fields that are fractions in the rule and percentages on the screen. */
const FRACTIONS: readonly DetectorField[] = ['p0', 'alpha']
const LIMITS: readonly DetectorField[] = ['above', 'below', 'recoverAbove', 'recoverBelow']
/** So many digits that no typed percentage loses one, and none gains one by its conversion. */
const DIGITS = 12

/** What decides whether a bucket is unusual: the kind of detector and its fields. */
export function DetectorFields({ schema, rule, problems, onChange }: RulePartProps) {
  const { editor } = alertTexts()
  const { detector } = rule
  const kind = metricKindOf(schema, rule.metric)
  const fields = (Object.keys(DETECTORS[detector.kind].fields) as DetectorField[]).filter(
    (field) => !(field === 'minDenominator' && kind !== 'rate') && isOfLimit(field, rule),
  )
  const set = (field: DetectorField, value: number | string | undefined) =>
    onChange((current) => {
      const { [field]: _, ...others } = current.detector
      const next = { ...others, ...(value !== undefined && { [field]: value }) } as RuleDraft['detector']
      return { ...current, detector: next }
    })
  const problem = problemText(problems, 'detector')
  return (
    <>
      <div class="filter-bar detector-fields">
        <SelectField
          label={editor.kind}
          name="detector"
          value={detector.kind}
          options={detectorsOf(kind).map((each) => ({ value: each, text: editor.kinds[each] }))}
          onChange={(value) => onChange((current) => ({ ...current, detector: startOf(value as DetectorKind) }))}
        />
        {fields.map((field) =>
          field === 'direction' ? (
            <SelectField
              key={field}
              label={editor.fields.direction}
              name="direction"
              value={detector.direction ?? DIRECTIONS[0]}
              options={DIRECTIONS.map((each) => ({ value: each, text: editor.directions[each] }))}
              onChange={(value) => set('direction', value)}
            />
          ) : (
            <NumberField
              key={field}
              label={editor.fields[field]}
              name={field}
              value={shownValue(field, detector[field])}
              unit={unitText(field, rule)}
              placeholder={placeholderOf(field, rule)}
              problem={problemText(problems, `detector.${field}`)}
              onChange={(value) => set(field, storedValue(field, value))}
            />
          ),
        )}
      </div>
      {problem !== undefined && <p class="field-problem">{problem}</p>}
    </>
  )
}

/** A recovery limit belongs to the limit that it ends. */
function isOfLimit(field: DetectorField, { detector }: RuleDraft): boolean {
  if (field === 'recoverAbove') return detector.above !== undefined || detector.recoverAbove !== undefined
  return field !== 'recoverBelow' || detector.below !== undefined || detector.recoverBelow !== undefined
}

const rounded = (value: number) => Number(value.toPrecision(DIGITS))

function shownValue(field: DetectorField, value: number | undefined): number | undefined {
  return value !== undefined && FRACTIONS.includes(field) ? rounded(100 * value) : value
}

function storedValue(field: DetectorField, value: number | undefined): number | undefined {
  return value !== undefined && FRACTIONS.includes(field) ? rounded(value / 100) : value
}

function unitText(field: DetectorField, { metric }: RuleDraft): string | undefined {
  const { editor } = alertTexts()
  if (FRACTIONS.includes(field) || field === 'minChangePercent') return editor.percent
  if (!LIMITS.includes(field)) return undefined
  const unit = unitOf(metric)
  return unit === 'percent' ? editor.percent : unit === 'seconds' ? editor.seconds : undefined
}

/** The value that applies where a recovery limit is not given. */
function placeholderOf(field: DetectorField, { detector: { above, below } }: RuleDraft): string | undefined {
  const value =
    field === 'recoverAbove' && above !== undefined
      ? RECOVERY_SHARE * above
      : field === 'recoverBelow' && below !== undefined
        ? below / RECOVERY_SHARE
        : undefined
  return value === undefined ? undefined : formatCount(rounded(value))
}
