import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { FilterTree } from '../../analytics/custom-query/filter-tree.ts'
import { DIMENSION_NAMES, type DimensionName } from '../../analytics/dimensions.ts'
import { Popover } from '../components/popover.tsx'
import { SelectField } from '../controls/select-field.tsx'
import { formatCount } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import {
  type Condition,
  CONDITION_OPERATORS,
  type ConditionOperator,
  conditionsOf,
  filterOfConditions,
  valuesOf,
} from './conditions.ts'
import { analysisTexts } from './texts/analysis-texts.ts'

interface ConditionsFieldProps {
  /** What the conditions narrow, such as "Step 2, Delivered". */
  readonly name: string
  readonly filter: FilterTree | undefined
  readonly onChange: (filter: FilterTree | undefined) => void
}

/** A button that shows how many conditions narrow an event, and opens them. */
export function ConditionsField({ name, filter, onChange }: ConditionsFieldProps) {
  const { filter: texts } = analysisTexts()
  const conditions = conditionsOf(filter)
  const count = conditions?.length ?? 1
  const label = count === 0 ? texts.none : texts.count(formatCount(count))
  return (
    <Popover class="conditions" label={label} accessibleName={`${texts.of(name)}: ${label}`}>
      {(close) =>
        conditions === undefined ? (
          <>
            <p>{texts.nested}</p>
            <button type="button" class="button" onClick={() => (onChange(undefined), close())}>
              {texts.clear}
            </button>
          </>
        ) : (
          <ConditionsForm
            conditions={conditions}
            onApply={(next) => {
              onChange(filterOfConditions(next))
              close()
            }}
          />
        )
      }
    </Popover>
  )
}

interface TypedCondition extends Omit<Condition, 'values'> {
  readonly text: string
}

interface ConditionsFormProps {
  readonly conditions: readonly Condition[]
  readonly onApply: (conditions: readonly Condition[]) => void
}

/** The conditions as a form, which is checked when it is applied. */
function ConditionsForm({ conditions, onApply }: ConditionsFormProps) {
  const { filter: texts, dimensions, remove } = analysisTexts()
  const id = useId()
  const first: TypedCondition = { dimension: 'channel', operator: 'in', text: '' }
  const typed = useSignal<readonly TypedCondition[]>(
    conditions.length === 0 ? [first] : conditions.map(({ values, ...each }) => ({ ...each, text: values.join(', ') })),
  )
  const hasProblem = useSignal(false)
  const change = (index: number, next: Partial<TypedCondition>) => {
    typed.value = typed.value.with(index, { ...typed.value[index]!, ...next })
    hasProblem.value = false
  }
  const apply = (event: Event) => {
    event.preventDefault()
    const next = typed.value.map(({ text, ...each }) => ({ ...each, values: valuesOf(text, each.dimension) }))
    hasProblem.value = next.some((each) => takesValues(each.operator) && each.values.length === 0)
    if (!hasProblem.value) onApply(next)
  }
  return (
    <form class="conditions-form" noValidate onSubmit={apply}>
      {typed.value.map(({ dimension, operator, text }, index) => (
        <div key={index} class="condition" role="group" aria-label={dimensions[dimension]}>
          <SelectField
            label={texts.dimension}
            name="dimension"
            value={dimension}
            options={DIMENSION_NAMES.map((name) => ({ value: name, text: dimensions[name] }))}
            onChange={(value) => change(index, { dimension: value as DimensionName })}
          />
          <SelectField
            label={texts.operator}
            name="operator"
            value={operator}
            options={CONDITION_OPERATORS.map((name) => ({ value: name, text: texts.operators[name] }))}
            onChange={(value) => change(index, { operator: value as ConditionOperator })}
          />
          {takesValues(operator) && (
            <input
              class="condition-values"
              aria-label={`${texts.values}: ${dimensions[dimension]}`}
              placeholder={texts.values}
              value={text}
              aria-invalid={hasProblem.value}
              aria-describedby={hasProblem.value ? `${id}-problem` : undefined}
              onInput={({ currentTarget }) => change(index, { text: currentTarget.value })}
            />
          )}
          <button
            type="button"
            class="button icon quiet"
            aria-label={remove(dimensions[dimension])}
            onClick={() => (typed.value = typed.value.toSpliced(index, 1))}
          >
            ×
          </button>
        </div>
      ))}
      <p id={`${id}-problem`} class="field-problem" role="alert">
        {hasProblem.value && texts.missingValues}
      </p>
      <div class="status-actions">
        <button type="button" class="button" onClick={() => (typed.value = [...typed.value, first])}>
          {texts.add}
        </button>
        <button type="submit" class="button primary">
          {messages().dateRange.apply}
        </button>
      </div>
    </form>
  )
}

function takesValues(operator: ConditionOperator): boolean {
  return operator === 'in' || operator === 'notIn'
}
