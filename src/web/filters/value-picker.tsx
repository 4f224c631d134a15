import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { DimensionName } from '../../analytics/dimensions.ts'
import { searchableText } from '../components/table/search-rows.ts'
import { formatCount } from '../format/numbers.ts'
import { useApp } from '../state/app.ts'
import { valueText } from './filter-text.ts'
import { filterTexts } from './texts/filter-texts.ts'
import { closedValues, MAX_CHOICES, readValues } from './value-choices.ts'

interface ValuePickerProps {
  readonly dimension: DimensionName
  readonly values: readonly string[]
  /** The id of the text that says what is wrong. */
  readonly describedBy: string | undefined
  readonly onChange: (values: readonly string[]) => void
}

/** The values of a filter: choices with a search, and any other value that is typed. */
export function ValuePicker({ dimension, values, describedBy, onChange }: ValuePickerProps) {
  const closed = closedValues(dimension)
  const found = useFoundValues(dimension, closed === undefined)
  const typed = useSignal('')
  const texts = filterTexts()
  const search = typed.value.trim()
  const offered = closed ?? (Array.isArray(found) ? found : [])
  const all = [...values.filter((value) => !offered.includes(value)), ...offered]
  const shown = all.filter((value) => matches(`${valueText(dimension, value)}\n${value}`, search))
  const isNumber = dimension === 'step'
  const mayAdd =
    closed === undefined && search !== '' && !all.includes(search) && (!isNumber || /^\d{1,9}$/.test(search))
  const toggle = (value: string) =>
    onChange(values.includes(value) ? values.filter((each) => each !== value) : [...values, value])
  const add = () => {
    if (mayAdd) onChange([...values, search])
    typed.value = ''
  }
  return (
    <fieldset class="value-picker" aria-describedby={describedBy}>
      <legend>{texts.values}</legend>
      {closed === undefined && (
        <input
          type="search"
          aria-label={texts.search}
          placeholder={texts.search}
          autocomplete="off"
          value={typed}
          onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || search === '') return
            event.preventDefault()
            add()
          }}
        />
      )}
      {mayAdd && (
        <button type="button" class="button" onClick={add}>
          {texts.add(search)}
        </button>
      )}
      <div class="choice-list">
        {shown.map((value) => (
          <label key={value}>
            <input type="checkbox" checked={values.includes(value)} onChange={() => toggle(value)} />
            <bdi>{valueText(dimension, value)}</bdi>
          </label>
        ))}
      </div>
      {closed === undefined && (
        <p class="note" role="status">
          {found === undefined && texts.loading}
          {found === 'failed' && texts.notLoaded}
          {isNumber && search !== '' && !mayAdd && texts.wholeNumber}
          {Array.isArray(found) && found.length === 0 && texts.none}
          {Array.isArray(found) && found.length === MAX_CHOICES && texts.more(formatCount(MAX_CHOICES))}
        </p>
      )}
    </fieldset>
  )
}

/** The values of a dimension in the range; undefined until they are read. */
function useFoundValues(dimension: DimensionName, isRead: boolean): readonly string[] | 'failed' | undefined {
  const { api, address } = useApp()
  const found = useSignal<readonly string[] | 'failed' | undefined>(undefined)
  useEffect(() => {
    if (!isRead) return undefined
    const abort = new AbortController()
    readValues(api, address.viewState.peek(), dimension, abort.signal).then(
      (values) => (found.value = values),
      () => !abort.signal.aborted && (found.value = 'failed'),
    )
    return () => abort.abort()
  }, [dimension])
  return found.value
}

function matches(text: string, search: string): boolean {
  return searchableText(text).includes(searchableText(search))
}
