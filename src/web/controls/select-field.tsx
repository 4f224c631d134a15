import { useId } from 'preact/hooks'

interface SelectFieldProps {
  readonly label: string
  readonly name: string
  /** Empty for the first option. */
  readonly value: string
  readonly options: readonly { readonly value: string; readonly text: string }[]
  readonly onChange: (value: string) => void
}

/** One choice of the filter bar. */
export function SelectField({ label, name, value, options, onChange }: SelectFieldProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <span class="select">
        <select id={id} name={name} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      </span>
    </div>
  )
}
