import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { QueryMetricName } from '../../../analytics/custom-query/metric-sources.ts'
import { Popover } from '../../components/popover.tsx'
import { SelectField } from '../../controls/select-field.tsx'
import { formatCount } from '../../format/numbers.ts'
import { type Having, HAVING_OPERATORS, MAX_HAVING } from '../exploration.ts'
import type { EditorProps } from './editor-props.ts'
import { metricTitle } from '../result/result-values.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The conditions on the numbers of rows, behind a button that says how many there are. */
export function HavingEditor({ schema, exploration, onChange }: EditorProps) {
  const texts = explorerTexts()
  const { having, metrics } = exploration
  const label =
    having.length === 0
      ? texts.allRows
      : having.length === 1
        ? texts.oneCondition
        : texts.conditionCount(formatCount(having.length))
  return (
    <Popover class="having" label={label} accessibleName={`${texts.conditions}: ${label}`}>
      {(close) => (
        <HavingForm
          having={having}
          metrics={metrics.map((name) => ({ value: name, text: metricTitle(schema, name, metrics) }))}
          onApply={(next) => {
            onChange({ having: next })
            close()
          }}
        />
      )}
    </Popover>
  )
}

interface TypedCondition extends Omit<Having, 'value'> {
  readonly typed: string
}

interface HavingFormProps {
  readonly having: readonly Having[]
  readonly metrics: readonly { readonly value: QueryMetricName; readonly text: string }[]
  readonly onApply: (having: readonly Having[]) => void
}

/** The conditions as a form, which is checked when it is applied. */
function HavingForm({ having, metrics, onApply }: HavingFormProps) {
  const texts = explorerTexts()
  const id = useId()
  const first: TypedCondition = { metric: metrics[0]!.value, operator: 'gte', typed: '' }
  const conditions = useSignal<readonly TypedCondition[]>(
    having.length === 0 ? [first] : having.map(({ value, ...each }) => ({ ...each, typed: String(value) })),
  )
  const hasProblem = useSignal(false)
  const change = (index: number, next: Partial<TypedCondition>) => {
    conditions.value = conditions.value.with(index, { ...conditions.value[index]!, ...next })
    hasProblem.value = false
  }
  const apply = (event: Event) => {
    event.preventDefault()
    hasProblem.value = conditions.value.some(({ typed }) => typed === '' || !Number.isFinite(Number(typed)))
    if (!hasProblem.value) onApply(conditions.value.map(({ typed, ...each }) => ({ ...each, value: Number(typed) })))
  }
  return (
    <form class="conditions-form" noValidate onSubmit={apply}>
      {conditions.value.map(({ metric, operator, typed }, index) => (
        <div key={index} class="condition">
          <SelectField
            label={texts.conditionMetric}
            name="metric"
            value={metric}
            options={metrics}
            onChange={(value) => change(index, { metric: value as QueryMetricName })}
          />
          <SelectField
            label={texts.conditionOperator}
            name="operator"
            value={operator}
            options={HAVING_OPERATORS.map((name) => ({ value: name, text: texts.operators[name] }))}
            onChange={(value) => change(index, { operator: value as Having['operator'] })}
          />
          <input
            class="condition-values"
            type="number"
            step="any"
            aria-label={texts.conditionValue}
            aria-invalid={hasProblem.value}
            aria-describedby={hasProblem.value ? `${id}-problem` : undefined}
            value={typed}
            onInput={({ currentTarget }) => change(index, { typed: currentTarget.value })}
          />
          <button
            type="button"
            class="button icon quiet"
            aria-label={texts.removeCondition}
            onClick={() => (conditions.value = conditions.value.toSpliced(index, 1))}
          >
            ×
          </button>
        </div>
      ))}
      <p id={`${id}-problem`} class="field-problem" role="alert">
        {hasProblem.value && texts.wrongValue}
      </p>
      <div class="status-actions">
        {conditions.value.length < MAX_HAVING && (
          <button type="button" class="button" onClick={() => (conditions.value = [...conditions.value, first])}>
            {texts.addCondition}
          </button>
        )}
        <button type="submit" class="button primary">
          {texts.apply}
        </button>
      </div>
    </form>
  )
}
