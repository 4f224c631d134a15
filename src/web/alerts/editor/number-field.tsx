import { useId } from 'preact/hooks'
import { useTyped } from './use-typed.ts'

interface NumberFieldProps {
  readonly label: string
  readonly name: string
  readonly value: number | undefined
  readonly unit?: string | undefined
  /** What applies while the field is empty. */
  readonly placeholder?: string | undefined
  /** What is wrong with the value. */
  readonly problem?: string | undefined
  /** Called with a complete number; undefined for an empty field. */
  readonly onChange: (value: number | undefined) => void
}

/** A number with its unit. */
export function NumberField({ label, name, value, unit, placeholder, problem, onChange }: NumberFieldProps) {
  const id = useId()
  const typed = useTyped(value === undefined ? '' : String(value), (text) => {
    const number = Number(text)
    onChange(text.trim() === '' || !Number.isFinite(number) ? undefined : number)
  })
  return (
    <div class="field-with-problem">
      <div class="field number-field">
        <label for={id}>{label}</label>
        <input
          id={id}
          name={name}
          type="number"
          min={0}
          step="any"
          inputMode="decimal"
          placeholder={placeholder}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-unit ${id}-problem`}
          {...typed}
        />
        {unit !== undefined && (
          <span id={`${id}-unit`} class="field-unit">
            {unit}
          </span>
        )}
      </div>
      <p id={`${id}-problem`} class="field-problem">
        {problem}
      </p>
    </div>
  )
}
