import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { DIMENSION_NAMES, type DimensionName } from '../../analytics/dimensions.ts'
import { keepInWindow } from '../components/keep-in-window.ts'
import { SelectField } from '../controls/select-field.tsx'
import { messages } from '../messages/messages.ts'
import { CONDITIONS, type Filter } from './filter.ts'
import { filterTexts } from './texts/filter-texts.ts'
import { ValuePicker } from './value-picker.tsx'

interface FilterEditorProps {
  /** Undefined for a new filter. */
  readonly filter: Filter | undefined
  /** A remark about the filter. */
  readonly note?: string | undefined
  readonly onApply: (filter: Filter) => void
}

const FIRST: Filter = { dimension: 'channel', operator: 'in', values: [] }

/** The form of one filter, which is checked when it is applied. */
export function FilterEditor({ filter, note, onApply }: FilterEditorProps) {
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const edited = useSignal<Filter>(filter ?? FIRST)
  const hasProblem = useSignal(false)
  const texts = filterTexts()
  const { dimensions } = messages()
  const { dimension, operator, values } = edited.value
  const takesValues = operator === 'in' || operator === 'notIn'
  const change = (next: Partial<Filter>) => {
    edited.value = { ...edited.value, ...next }
    hasProblem.value = false
  }
  useEffect(() => {
    // The form may be loaded after its panel has opened.
    const panel = form.current!.closest<HTMLElement>('.popover-panel')
    if (panel) keepInWindow(panel)
    form.current!.querySelector('select')?.focus({ preventScroll: true })
  }, [])
  const apply = (event: Event) => {
    event.preventDefault()
    hasProblem.value = takesValues && values.length === 0
    if (!hasProblem.value) onApply({ dimension, operator, values: takesValues ? values : [] })
  }
  return (
    <form ref={form} class="filter-editor" noValidate onSubmit={apply}>
      {note !== undefined && <p class="note">{note}</p>}
      <SelectField
        label={texts.dimension}
        name="filter-dimension"
        value={dimension}
        options={DIMENSION_NAMES.map((name) => ({ value: name, text: dimensions[name] }))}
        onChange={(value) => change({ dimension: value as DimensionName, values: [] })}
      />
      <SelectField
        label={texts.condition}
        name="filter-condition"
        value={operator}
        options={CONDITIONS.map((name) => ({ value: name, text: texts.conditions[name] }))}
        onChange={(value) => change({ operator: value as Filter['operator'] })}
      />
      {takesValues && (
        <ValuePicker
          key={dimension}
          dimension={dimension}
          values={values}
          describedBy={hasProblem.value ? `${id}-problem` : undefined}
          onChange={(next) => change({ values: next })}
        />
      )}
      <p id={`${id}-problem`} class="field-problem" role="alert">
        {hasProblem.value && texts.choose}
      </p>
      <button type="submit" class="button primary">
        {texts.apply}
      </button>
    </form>
  )
}
