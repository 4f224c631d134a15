import { useId, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { messages } from '../messages/messages.ts'
import { DATE_BOUNDS, type DateRange, type DateRangeProblem, dateRangeProblemOf } from '../state/date-range.ts'

interface DateFieldsProps {
  /** The dates to begin with. */
  readonly dates: DateRange
  readonly onApply: (dates: DateRange) => void
}

/** The first and the last day of a range, checked when they are applied. */
export function DateFields({ dates, onApply }: DateFieldsProps) {
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const typed = useSignal(dates)
  const problem = useSignal<DateRangeProblem | undefined>(undefined)
  const texts = messages().dateRange
  const apply = (event: Event) => {
    event.preventDefault()
    problem.value = dateRangeProblemOf(typed.value)
    if (problem.value === undefined) return onApply(typed.value)
    const fields = [...form.current!.querySelectorAll('input')]
    // The field that has no date yet, or the first one.
    const field = fields.find(({ value }) => value === '') ?? fields[0]
    field?.focus()
  }
  return (
    <form ref={form} class="date-fields" aria-label={texts.ownDates} noValidate onSubmit={apply}>
      {(['start', 'end'] as const).map((part) => (
        <div key={part} class="date-field">
          <label for={`${id}-${part}`}>{part === 'start' ? texts.from : texts.to}</label>
          <input
            id={`${id}-${part}`}
            type="date"
            min={DATE_BOUNDS.start}
            max={DATE_BOUNDS.end}
            value={typed.value[part]}
            aria-invalid={problem.value !== undefined}
            aria-describedby={problem.value === undefined ? undefined : `${id}-problem`}
            onInput={({ currentTarget }) => {
              typed.value = { ...typed.value, [part]: currentTarget.value }
              problem.value = undefined
            }}
          />
        </div>
      ))}
      <p id={`${id}-problem`} class="field-problem" role="alert">
        {problem.value && texts[problem.value]}
      </p>
      <button type="submit" class="button primary">
        {texts.apply}
      </button>
    </form>
  )
}
