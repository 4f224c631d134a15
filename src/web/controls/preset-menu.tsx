import { useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'

interface Preset {
  readonly id: string
  readonly text: string
  /** The days that it means, shown beside it. */
  readonly days?: string
}

interface PresetMenuProps {
  readonly label: string
  readonly groups: readonly (readonly Preset[])[]
  readonly selected: string | undefined
  readonly onChoose: (id: string) => void
}

/** A menu of ranges. The arrow keys, Home and End move in it; Tab leaves it. */
export function PresetMenu({ label, groups, selected, onChoose }: PresetMenuProps) {
  const menu = useRef<HTMLDivElement>(null)
  const presets = groups.flat()
  /** The one item that Tab reaches. */
  const current = useSignal(selected ?? presets[0]!.id)
  const move = (event: KeyboardEvent) => {
    const index = presets.findIndex(({ id }) => id === current.value)
    const next = nextIndex(event.key, index, presets.length)
    if (next === undefined) return
    event.preventDefault()
    current.value = presets[next]!.id
    menu.current?.querySelectorAll<HTMLElement>('[role=menuitemradio]')[next]?.focus()
  }
  return (
    <div ref={menu} role="menu" aria-label={label} onKeyDown={move}>
      {groups.map((group, index) => (
        <div key={index} class="preset-group" role="group">
          {group.map(({ id, text, days }) => (
            <button
              key={id}
              type="button"
              class="preset"
              role="menuitemradio"
              aria-checked={id === selected}
              tabIndex={id === current.value ? 0 : -1}
              data-initial-focus={id === current.value ? '' : undefined}
              onClick={() => onChoose(id)}
            >
              <span>{text}</span>
              {days !== undefined && (
                <span class="preset-days" aria-hidden="true">
                  {days}
                </span>
              )}
            </button>
          ))}
        </div>
      ))}
    </div>
  )
}

function nextIndex(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return (index + 1) % count
    case 'ArrowUp':
    case 'ArrowLeft':
      return (index - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
