import { useId, useMemo, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { messages } from '../messages/messages.ts'
import { formatZoneName } from '../state/zone-names.ts'
import { formatOffset, listZones, offsetMinutesOf, searchZones, type ZoneMatch } from '../state/zone-search.ts'
import { ZoneOptions } from './zone-options.tsx'

interface ZonePickerProps {
  readonly zone: string
  readonly onChange: (zone: string) => void
}

/** The time zone of days and hours: a field that searches all zones by city, name, former name and offset. */
export function ZonePicker({ zone, onChange }: ZonePickerProps) {
  const id = useId()
  const root = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const isOpen = useSignal(false)
  /** The text of the search; undefined while the field shows the selected zone. */
  const typed = useSignal<string | undefined>(undefined)
  const activeIndex = useSignal(0)
  const isRejected = useSignal(false)
  const { filters, zone: texts } = messages()

  const browserZone = useMemo(() => Intl.DateTimeFormat().resolvedOptions().timeZone, [])
  const names = useMemo(() => listZones(Intl.supportedValuesOf('timeZone'), [browserZone, 'UTC', zone]), [zone])
  const offsetOf = (name: string) => offsetMinutesOf(name, Date.now())
  const search = typed.value?.trim() ?? ''
  const matches: readonly ZoneMatch[] = useMemo(
    () => (search === '' ? names.map((name) => ({ name })) : searchZones(search, names, offsetOf)),
    [search, names],
  )

  const open = (nextTyped?: string) => {
    typed.value = nextTyped
    activeIndex.value = nextTyped === undefined ? Math.max(0, names.indexOf(zone)) : 0
    isRejected.value = false
    isOpen.value = true
  }
  const close = () => {
    typed.value = undefined
    isRejected.value = false
    isOpen.value = false
  }
  const choose = (match: ZoneMatch | undefined) => {
    if (match) close()
    else isRejected.value = true
    if (match && match.name !== zone) onChange(match.name)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault()
      if (!isOpen.value) return open()
      if (matches.length === 0) return
      const step = key === 'ArrowDown' ? 1 : -1
      activeIndex.value = (activeIndex.value + step + matches.length) % matches.length
    } else if (key === 'Enter' && isOpen.value) {
      event.preventDefault()
      choose(matches[activeIndex.value])
    } else if (key === 'Tab' && isOpen.value && search !== '' && matches.length > 0) {
      choose(matches[activeIndex.value])
    } else if (key === 'Escape' && isOpen.value) {
      event.stopPropagation()
      close()
    }
  }

  const hasNoMatch = isOpen.value && matches.length === 0
  return (
    <div
      ref={root}
      class="field zone-picker"
      onFocusOut={({ relatedTarget }) => {
        if (!(relatedTarget instanceof Node) || !root.current?.contains(relatedTarget)) close()
      }}
    >
      <label for={id}>{filters.timeZone}</label>
      <span class="zone-input">
        {/* Gives the field the width of the selected name, also while another text is typed. */}
        <span class="zone-width" aria-hidden="true">
          {formatZoneName(zone)}
        </span>
        <input
          ref={input}
          id={id}
          name="zone"
          size={1}
          role="combobox"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-autocomplete="list"
          aria-expanded={isOpen.value && matches.length > 0}
          aria-controls={isOpen.value ? `${id}-list` : undefined}
          aria-activedescendant={isOpen.value && matches.length > 0 ? `${id}-option-${activeIndex.value}` : undefined}
          aria-invalid={isRejected.value}
          aria-describedby={`${id}-offset ${id}-problem`}
          placeholder={texts.search}
          title={formatZoneName(zone)}
          value={typed.value ?? formatZoneName(zone)}
          onClick={() => {
            if (isOpen.value) return
            open()
            input.current?.select()
          }}
          onInput={({ currentTarget }) => open(currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </span>
      <span id={`${id}-offset`} class="zone-offset">
        {formatOffset(offsetOf(zone))}
      </span>
      <p id={`${id}-problem`} class="zone-problem field-problem" role="status">
        {hasNoMatch && texts.none(search)}
      </p>
      {isOpen.value && matches.length > 0 && (
        <ZoneOptions
          id={id}
          matches={matches}
          activeIndex={activeIndex.value}
          selected={zone}
          browserZone={browserZone}
          isSearching={search !== ''}
          offsetOf={offsetOf}
          onChoose={choose}
        />
      )}
    </div>
  )
}
