import { useId } from 'preact/hooks'
import type { QueryMetricName } from '../../../analytics/custom-query/metric-sources.ts'
import type { DimensionName } from '../../../analytics/dimensions.ts'
import { RULE_GRANULARITIES, RULE_LIMITS } from '../../../alerts/rules/rule-limits.ts'
import { ConditionsField } from '../../analysis/conditions-field.tsx'
import { SelectField } from '../../controls/select-field.tsx'
import { ZonePicker } from '../../controls/zone-picker.tsx'
import { metricOf, metricsByGroup } from '../../explorer/query-schema.ts'
import { explorerTexts } from '../../explorer/texts/explorer-texts.ts'
import { messages } from '../../messages/messages.ts'
import { withMetric } from '../rule-draft.ts'
import { alertTexts } from '../texts/alert-texts.ts'
import { problemText } from './problems.ts'
import { useTyped } from './use-typed.ts'
import type { RulePartProps } from './rule-editor-props.ts'

/** What a rule watches: its name, the number, what of it, and the unit of time. */
export function WatchedFields({ schema, rule, problems, onChange }: RulePartProps) {
  const id = useId()
  const { editor } = alertTexts()
  const { dimensions } = messages()
  const { filter, splitBy } = rule
  const typedName = useTyped(rule.name, (text) => onChange((current) => ({ ...current, name: text })))
  const nameProblem = problemText(problems, 'name')
  return (
    <>
      <div class="text-field">
        <label for={`${id}-name`}>{editor.name}</label>
        <input
          id={`${id}-name`}
          name="rule-name"
          maxLength={RULE_LIMITS.name}
          autocomplete="off"
          aria-invalid={nameProblem !== undefined}
          aria-describedby={`${id}-name-problem`}
          {...typedName}
        />
        <p id={`${id}-name-problem`} class="field-problem">
          {nameProblem}
        </p>
      </div>
      <div class="filter-bar">
        <MetricField {...{ schema, rule, onChange }} />
        <SelectField
          label={editor.granularity}
          name="rule-granularity"
          value={rule.granularity}
          options={RULE_GRANULARITIES.map((each) => ({ value: each, text: editor.granularities[each] }))}
          onChange={(value) =>
            onChange((current) => ({ ...current, granularity: RULE_GRANULARITIES.find((each) => each === value)! }))
          }
        />
        <ConditionsField
          name={editor.filter}
          filter={filter}
          onChange={(next) =>
            onChange((current) => {
              const { filter: _, ...others } = current
              return { ...others, ...(next && { filter: next }) }
            })
          }
        />
        <SelectField
          label={editor.splitBy}
          name="split-by"
          value={splitBy ?? ''}
          options={[
            { value: '', text: editor.notSplit },
            ...metricOf(schema, rule.metric).dimensions.map((name) => ({
              value: name,
              text: dimensions[name as DimensionName],
            })),
          ]}
          onChange={(value) =>
            onChange((current) => {
              const { splitBy: _, ...others } = current
              return value === '' ? others : { ...others, splitBy: value as DimensionName }
            })
          }
        />
        <ZonePicker zone={rule.timezone} onChange={(timezone) => onChange((current) => ({ ...current, timezone }))} />
      </div>
      {['metric', 'filter', 'splitBy', 'timezone'].map((path) => {
        const text = problemText(problems, path)
        return (
          text && (
            <p key={path} class="field-problem">
              {text}
            </p>
          )
        )
      })}
      <p class="note">{messages().metrics[rule.metric].definition}</p>
    </>
  )
}

/** The number, in the groups of the explorer. */
function MetricField({ schema, rule, onChange }: Pick<RulePartProps, 'schema' | 'rule' | 'onChange'>) {
  const id = useId()
  const { metrics } = messages()
  const { groups } = explorerTexts()
  return (
    <div class="field">
      <label for={id}>{alertTexts().editor.metric}</label>
      <span class="select">
        <select
          id={id}
          name="rule-metric"
          value={rule.metric}
          onChange={({ currentTarget }) =>
            onChange((current) => withMetric(current, schema, currentTarget.value as QueryMetricName))
          }
        >
          {metricsByGroup(schema).map(([group, members]) => (
            <optgroup key={group} label={groups[group]}>
              {members.map(({ name }) => (
                <option key={name} value={name}>
                  {metrics[name as QueryMetricName].label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </span>
    </div>
  )
}
