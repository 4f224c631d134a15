import { explorerTexts } from '../texts/explorer-texts.ts'

interface ChosenListProps<Name extends string> {
  readonly label: string
  readonly names: readonly Name[]
  readonly text: (name: Name) => string
  /** So many stay. */
  readonly least: number
  readonly onChange: (names: readonly Name[]) => void
}

/** What is chosen, in its order: a click on one makes it the first, and each has a button that removes it. */
export function ChosenList<Name extends string>({ label, names, text, least, onChange }: ChosenListProps<Name>) {
  const texts = explorerTexts()
  const without = (name: Name) => names.filter((each) => each !== name)
  if (names.length === 0) return null
  return (
    <ul class="chosen-list" role="list" aria-label={label}>
      {names.map((name, index) => (
        <li key={name} class="filter-chip">
          <button
            type="button"
            class="button"
            aria-disabled={index === 0}
            title={index === 0 ? undefined : texts.makeFirst(text(name))}
            onClick={() => index > 0 && onChange([name, ...without(name)])}
          >
            {text(name)}
          </button>
          {names.length > least && (
            <button
              type="button"
              class="button icon quiet"
              aria-label={texts.remove(text(name))}
              title={texts.remove(text(name))}
              onClick={({ currentTarget }) => {
                // The button is gone afterwards.
                currentTarget.closest('.query-part')?.querySelector<HTMLElement>('.popover > .button')?.focus()
                onChange(without(name))
              }}
            >
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
