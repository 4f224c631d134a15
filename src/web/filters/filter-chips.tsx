import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Popover } from '../components/popover.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { applicableFilters, type Filter, type FilterControls, MAX_FILTERS } from './filter.ts'
import { conditionText, lacksNames } from './filter-text.ts'

type Editor = (typeof import('./filter-editor.tsx'))['FilterEditor']

/** The code of the editor is loaded when it is opened for the first time. Undefined until then. */
const editor = signal<Editor | 'failed' | undefined>(undefined)

function loadEditor(): void {
  if (typeof editor.peek() === 'function') return
  import('./filter-editor.tsx').then(
    (module) => (editor.value = module.FilterEditor),
    () => (editor.value = 'failed'),
  )
}

/** The filters of the address, which all views share: each one can be changed and removed, and those that the shown view cannot apply say so. */
export function FilterChips({ controls }: { readonly controls: FilterControls }) {
  const { address } = useApp()
  useNames(address.viewState.value.filters)
  const { filters, id } = address.viewState.value
  const { filters: texts, dimensions } = messages()
  const applied = applicableFilters(filters, controls, id)
  const change = (next: readonly Filter[]) => address.navigate({ filters: next })
  return (
    <ul class="filter-chips" role="list" aria-label={texts.chips}>
      {filters.map((filter, index) => {
        const isApplied = applied.includes(filter)
        const text = `${dimensions[filter.dimension]}: ${conditionText(filter)}`
        return (
          <li key={`${filter.dimension} ${index}`} class="filter-chip" data-applied={isApplied}>
            <Popover
              label={
                <>
                  <span>{dimensions[filter.dimension]}</span>
                  <bdi>{conditionText(filter)}</bdi>
                  {!isApplied && <small>{texts.notApplied}</small>}
                </>
              }
              accessibleName={isApplied ? texts.change(text) : `${texts.change(text)} (${texts.notAppliedHere})`}
            >
              {(close) => (
                <Editing
                  filter={filter}
                  note={isApplied ? undefined : texts.notAppliedHere}
                  onApply={(next) => {
                    change(filters.with(index, next))
                    close()
                  }}
                />
              )}
            </Popover>
            <button
              type="button"
              class="button icon quiet"
              aria-label={texts.remove(text)}
              title={texts.remove(text)}
              onClick={({ currentTarget }) => {
                // The button is gone afterwards.
                currentTarget.closest('.filters')?.querySelector<HTMLElement>('.add-filter > .button')?.focus()
                change(filters.toSpliced(index, 1))
              }}
            >
              ×
            </button>
          </li>
        )
      })}
      {filters.length < MAX_FILTERS && (
        <li>
          <Popover class="add-filter" label={texts.add}>
            {(close) => (
              <Editing
                filter={undefined}
                onApply={(next) => {
                  change([...filters, next])
                  close()
                }}
              />
            )}
          </Popover>
        </li>
      )}
    </ul>
  )
}

/** Looks up the names of the campaigns, workflows, … of an address that was opened with ids. */
function useNames(filters: readonly Filter[]): void {
  const { api, session } = useApp()
  const isSignedIn = session.state.value.kind === 'active'
  const unnamed = filters.filter(lacksNames)
  useEffect(() => {
    if (!isSignedIn || unnamed.length === 0) return undefined
    const abort = new AbortController()
    void import('./value-choices.ts').then(
      ({ readNames }) => unnamed.map((filter) => readNames(api, filter, abort.signal).catch(() => {})),
      // The ids are shown instead.
      () => {},
    )
    return () => abort.abort()
  }, [isSignedIn, JSON.stringify(unnamed)])
}

interface EditingProps {
  readonly filter: Filter | undefined
  readonly note?: string | undefined
  readonly onApply: (filter: Filter) => void
}

function Editing(props: EditingProps) {
  const { errors, loading } = messages()
  loadEditor()
  const FilterEditor = editor.value
  if (FilterEditor === 'failed') return <p>{errors.unreachable}</p>
  return FilterEditor ? <FilterEditor {...props} /> : <p>{loading}</p>
}
