import { useLayoutEffect, useRef } from 'preact/hooks'
import { keepInWindow } from '../components/keep-in-window.ts'
import { messages } from '../messages/messages.ts'
import { currentZoneName, formatZoneName } from '../state/zone-names.ts'
import { formatOffset, type ZoneMatch } from '../state/zone-search.ts'

interface ZoneOptionsProps {
  /** The id of the field, which the ids of the list and its options begin with. */
  readonly id: string
  readonly matches: readonly ZoneMatch[]
  readonly activeIndex: number
  readonly selected: string
  readonly browserZone: string
  readonly isSearching: boolean
  readonly offsetOf: (name: string) => number
  readonly onChoose: (match: ZoneMatch) => void
}

/** A search shows this many options at most, so that typing never waits for the list. */
const MAX_SEARCH_OPTIONS = 50

/** The list of zones under the field. The focus stays in the field. */
export function ZoneOptions({ id, matches, activeIndex, isSearching, ...props }: ZoneOptionsProps) {
  const { selected, browserZone, offsetOf, onChoose } = props
  const panel = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const texts = messages().zone
  useLayoutEffect(() => {
    if (panel.current) keepInWindow(panel.current)
  }, [])
  useLayoutEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' })
  }, [activeIndex, matches])
  // The arrow keys reach every match.
  const count = isSearching ? Math.max(MAX_SEARCH_OPTIONS, activeIndex + 1) : matches.length
  const hiddenCount = Math.max(0, matches.length - count)
  return (
    <div
      ref={panel}
      class="zone-panel popover-panel"
      // A press must not take the focus from the field.
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
    >
      <ul ref={list} id={`${id}-list`} class="zone-list" role="listbox" aria-label={texts.matches}>
        {matches.slice(0, count).map((match, index) => (
          <li
            key={match.name}
            id={`${id}-option-${index}`}
            class="zone-option"
            role="option"
            aria-selected={match.name === selected}
            data-active={index === activeIndex ? '' : undefined}
            onClick={() => onChoose(match)}
          >
            <span class="zone-name">
              {formatZoneName(match.name)}
              {match.formerName !== undefined && <span class="zone-remark"> ({formatZoneName(match.formerName)})</span>}
              {match.name === currentZoneName(browserZone) && <span class="zone-remark"> ({texts.thisBrowser})</span>}
            </span>
            <span class="zone-offset">{formatOffset(offsetOf(match.name))}</span>
          </li>
        ))}
      </ul>
      {hiddenCount > 0 && <p class="zone-more">{texts.more(hiddenCount)}</p>}
    </div>
  )
}
