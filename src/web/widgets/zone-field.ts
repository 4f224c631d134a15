import { h, setText } from '../dom.ts'
import { currentZoneName, FORMER_ZONE_NAMES, formatZoneName, resolveZoneName } from '../zone-names.ts'

/** A field for a time zone: the typed text filters the list, by former names too. */
export function createZoneField(onSelect: (zone: string) => void) {
  const names = listZoneNames()
  let shown = ''
  const problem = h('span', { id: 'zone-problem', class: 'field-problem', role: 'alert' })
  const list = h('datalist', { id: 'zones' }, ...names.map((name) => createOption(name)))
  const input = h('input', {
    name: 'zone',
    list: list.id,
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': problem.id,
    // The list shows only zones that match the text of the field, so focus selects the text for easy replacement.
    focus: () => input.select(),
    change: applyInput,
    input: (event) => {
      // Some browsers report a selection from the list only with this event, until the field loses focus.
      if (event instanceof InputEvent && event.inputType === 'insertReplacementText') applyInput()
    },
  })

  function applyInput(): void {
    if (input.value.trim() === '') return show(shown)
    const zone = resolveZoneName(input.value, names)
    if (zone === undefined) return showProblem(`No time zone is called “${input.value.trim()}”.`)
    const before = shown
    show(zone)
    if (zone !== before) onSelect(zone)
  }

  function showProblem(sentence: string): void {
    setText(problem, sentence)
    input.setAttribute('aria-invalid', 'true')
  }

  function show(zone: string): void {
    shown = zone
    input.value = formatZoneName(zone)
    input.removeAttribute('aria-invalid')
    setText(problem, '')
  }

  return { label: h('label', { class: 'zone' }, h('span', {}, 'Time zone'), input), list, problem, show }
}

function createOption(name: string): HTMLElement {
  const former = FORMER_ZONE_NAMES.filter((each) => currentZoneName(each) === name)
  return h('option', {
    value: formatZoneName(name),
    label: former.length > 0 ? former.map(formatZoneName).join() : undefined,
  })
}

/** All zones that the browser supports, by their current names; UTC and the browser's own zone come first. */
function listZoneNames(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  return [...new Set(['UTC', own, ...Intl.supportedValuesOf('timeZone')].map(currentZoneName))]
}
