import { useId, useRef } from 'preact/hooks'

interface SelectFieldProps {
  readonly label: string
  readonly name: string
  /** Empty for the first option. */
  readonly value: string
  readonly options: readonly { readonly value: string; readonly text: string }[]
  /** For a filter, whose first option names everything: the name of the button that returns to that option. */
  readonly clearLabel?: string
  readonly onChange: (value: string) => void
}

/** One choice of the filter bar. A value that narrows what is shown is marked, and has a button that clears it. */
export function SelectField({ label, name, value, options, clearLabel, onChange }: SelectFieldProps) {
  const id = useId()
  const select = useRef<HTMLSelectElement>(null)
  const isActive = clearLabel !== undefined && value !== ''
  return (
    <div class="field" data-active={isActive ? '' : undefined}>
      <label for={id} class={clearLabel !== undefined && !isActive ? 'visually-hidden' : undefined}>
        {label}
      </label>
      <span class="select">
        <select
          ref={select}
          id={id}
          name={name}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      </span>
      {isActive && (
        <button
          type="button"
          class="button icon quiet"
          aria-label={clearLabel}
          title={clearLabel}
          onClick={() => {
            onChange('')
            select.current?.focus()
          }}
        >
          ×
        </button>
      )}
    </div>
  )
}
