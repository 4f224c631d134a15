import { RULE_DEFAULTS } from '../../../alerts/rules/rule-limits.ts'
import { SelectField } from '../../controls/select-field.tsx'
import { NO_DATA } from '../rule-draft.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import { NumberField } from './number-field.tsx'
import { problemText } from './problems.ts'
import type { RulePartProps } from './rule-editor-props.ts'

/** When a bucket is judged, and how many of them change the state. */
export function EvaluationFields({ rule, problems, onChange }: Omit<RulePartProps, 'schema'>) {
  const { editor } = alertTexts()
  return (
    <>
      <div class="filter-bar">
        {(['for', 'recoverAfter', 'settleMinutes'] as const).map((field) => (
          <NumberField
            key={field}
            label={editor[field]}
            name={field}
            value={rule[field]}
            unit={field === 'settleMinutes' ? editor.minutes : undefined}
            problem={problemText(problems, field)}
            onChange={(value) => onChange((current) => ({ ...current, [field]: value ?? RULE_DEFAULTS[field] }))}
          />
        ))}
        <SelectField
          label={editor.noData}
          name="no-data"
          value={rule.noData}
          options={NO_DATA.map((each) => ({ value: each, text: editor.noDataChoices[each] }))}
          onChange={(value) => onChange((current) => ({ ...current, noData: NO_DATA.find((each) => each === value)! }))}
        />
      </div>
      <label class="check">
        <input
          type="checkbox"
          name="enabled"
          checked={rule.enabled}
          onChange={({ currentTarget }) => onChange((current) => ({ ...current, enabled: currentTarget.checked }))}
        />
        <span>{editor.enabled}</span>
      </label>
    </>
  )
}
