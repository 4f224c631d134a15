import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useId, useRef } from 'preact/hooks'

export interface Tab {
  readonly id: string
  readonly label: string
  /** Called only while the tab is selected. */
  readonly content: () => ComponentChildren
}

interface TabsProps {
  /** The name of the list of tabs for screen readers. */
  readonly label: string
  /** The first tab is selected at first. */
  readonly tabs: readonly Tab[]
}

/** Several panels in one place, of which one is shown. The arrow keys, Home and End select a tab. */
export function Tabs({ label, tabs }: TabsProps) {
  const baseId = useId()
  const selectedId = useSignal(tabs[0]!.id)
  const list = useRef<HTMLDivElement>(null)
  const selected = tabs.find(({ id }) => id === selectedId.value) ?? tabs[0]!
  const selectByKey = (event: KeyboardEvent) => {
    const index = tabs.indexOf(selected)
    const next = {
      ArrowRight: (index + 1) % tabs.length,
      ArrowLeft: (index - 1 + tabs.length) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key]
    if (next === undefined) return
    event.preventDefault()
    selectedId.value = tabs[next]!.id
    list.current!.querySelectorAll<HTMLElement>('[role="tab"]')[next]!.focus()
  }
  return (
    <div class="tabs">
      <div ref={list} class="tab-list" role="tablist" aria-label={label} onKeyDown={selectByKey}>
        {tabs.map(({ id, label: tabLabel }) => (
          <button
            key={id}
            type="button"
            class="tab"
            role="tab"
            id={`${baseId}-${id}`}
            aria-selected={id === selected.id}
            aria-controls={`${baseId}-${id}-panel`}
            tabIndex={id === selected.id ? 0 : -1}
            onClick={() => (selectedId.value = id)}
          >
            {tabLabel}
          </button>
        ))}
      </div>
      {tabs.map(({ id, content }) => (
        <div
          key={id}
          role="tabpanel"
          id={`${baseId}-${id}-panel`}
          aria-labelledby={`${baseId}-${id}`}
          hidden={id !== selected.id}
        >
          {id === selected.id && content()}
        </div>
      ))}
    </div>
  )
}
