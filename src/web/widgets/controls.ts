import type { Granularity } from '../../analytics/time/buckets.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from '../../analytics/time/time-range.ts'
import type { ViewState } from '../state/view-state.ts'
import { setChildren, isolatedText, h } from '../dom.ts'
import { channelName } from '../channel-names.ts'
import { CHANNELS } from '../../base/channels.ts'
import { controlsOf } from '../views/views.ts'
import { createZoneField } from './zone-field.ts'

/** The `7d` of the API means the 7 days before today, and today. */
const PRESET_LABELS: Readonly<Record<TimeRangePreset, string>> = {
  '1d': 'Yesterday and today',
  '7d': 'Last 7 days and today',
  '30d': 'Last 30 days and today',
  '90d': 'Last 90 days and today',
}
const GRANULARITY_LABELS: Readonly<Record<Granularity, string>> = {
  hour: 'Hour',
  day: 'Day',
  week: 'Week',
  month: 'Month',
}

/** The controls of the view state: each change navigates to another address. */
export function createControls(onChange: (next: Partial<ViewState>) => void) {
  const presets = TIME_RANGE_PRESETS.map((range) =>
    h(
      'button',
      { type: 'button', 'data-range': range, click: () => onChange({ range, dates: undefined }) },
      PRESET_LABELS[range],
    ),
  )
  const [start, end] = [createDateField('From', 'start'), createDateField('To', 'end')]
  const dateProblem = h('p', { class: 'field-problem', role: 'alert' })
  const dates = h(
    'form',
    { class: 'dates', submit: applyDates },
    start.label,
    end.label,
    h('button', { type: 'submit', class: 'button' }, 'Show'),
    dateProblem,
  )
  const custom = h('details', { class: 'custom', keydown: closeByEscape }, h('summary', {}, 'Dates…'), dates)
  const zone = createZoneField((name) => onChange({ zone: name }))
  const channel = createSelect(
    'Channel',
    'channel',
    [['', 'All channels'], ...CHANNELS.map((name) => [name, channelName(name)] as const)],
    (name) => onChange({ channel: name || undefined }),
  )
  const granularity = createSelect('By', 'granularity', [], (name) =>
    onChange({ granularity: (name || undefined) as Granularity | undefined }),
  )
  const activeFilter = h('div', { class: 'only' })

  function closeByEscape(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Escape') return
    custom.open = false
    custom.querySelector('summary')?.focus()
  }

  function applyDates(event: Event): void {
    event.preventDefault()
    const chosen = { start: start.input.value, end: end.input.value }
    dateProblem.textContent =
      chosen.start === '' || chosen.end === ''
        ? 'Choose both days.'
        : chosen.start > chosen.end
          ? 'The first day lies after the last.'
          : ''
    if (dateProblem.textContent !== '') return
    custom.open = false
    onChange({ dates: chosen })
  }

  return {
    element: h(
      'div',
      { class: 'controls', role: 'group', 'aria-label': 'What is shown' },
      h('div', { class: 'segments', role: 'group', 'aria-label': 'Range' }, ...presets),
      custom,
      granularity.label,
      channel.label,
      zone.label,
      zone.list,
      zone.problem,
      activeFilter,
    ),
    show(viewState: ViewState) {
      const { takesChannel, granularities, entityFilter: kind } = controlsOf(viewState.view)
      for (const button of presets)
        button.setAttribute('aria-pressed', String(!viewState.dates && button.dataset['range'] === viewState.range))
      custom.toggleAttribute('data-active', viewState.dates !== undefined)
      if (viewState.dates) [start.input.value, end.input.value] = [viewState.dates.start, viewState.dates.end]
      zone.show(viewState.zone)
      channel.label.hidden = !takesChannel
      channel.select.value = viewState.channel ?? ''
      granularity.label.hidden = granularities.length === 0
      granularity.replace([
        ['', 'Automatic'],
        ...granularities.map((name) => [name, GRANULARITY_LABELS[name]] as const),
      ])
      granularity.select.value = viewState.granularity ?? ''
      activeFilter.hidden = viewState.id === undefined
      if (viewState.id !== undefined && kind)
        setChildren(
          activeFilter,
          h('span', {}, `Only ${kind.noun} `, isolatedText(viewState.id)),
          h('button', { type: 'button', class: 'button', click: () => onChange({ id: undefined }) }, 'Show all'),
        )
    },
  }
}

function createDateField(text: string, name: string) {
  const input = h('input', { type: 'date', name, required: true })
  return { input, label: h('label', {}, h('span', {}, text), input) }
}

type SelectOption = readonly [value: string, text: string]

function createSelect(text: string, name: string, options: readonly SelectOption[], onSelect: (value: string) => void) {
  const select = h('select', { name, change: () => onSelect(select.value) })
  const replace = (next: readonly SelectOption[]) => {
    if ([...select.options].map((option) => option.value).join() === next.map(([value]) => value).join()) return
    setChildren(select, ...next.map(([value, shown]) => h('option', { value }, shown)))
  }
  replace(options)
  return {
    select,
    replace,
    label: h('label', {}, h('span', {}, text), select),
  }
}
