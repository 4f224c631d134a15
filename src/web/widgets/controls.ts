import type { Granularity } from '../../analytics/buckets.ts'
import { TIME_RANGE_PRESETS, type TimeRangePreset } from '../../analytics/time-range.ts'
import type { Asked } from '../address.ts'
import { fill, foreignText, h } from '../dom.ts'
import { channelName, CHANNELS, VIEWS } from '../views.ts'
import { createZoneField } from './zone-field.ts'

/** The service's `7d` are the 7 days before today, and today. */
const PRESETS: Readonly<Record<TimeRangePreset, string>> = {
  '1d': 'Yesterday and today',
  '7d': 'Last 7 days and today',
  '30d': 'Last 30 days and today',
  '90d': 'Last 90 days and today',
}
const GRANULARITY_NAMES: Readonly<Record<Granularity, string>> = {
  hour: 'Hour',
  day: 'Day',
  week: 'Week',
  month: 'Month',
}

/** What can be changed about what is looked at: each change is another address. */
export function createControls(change: (next: Partial<Asked>) => void) {
  const presets = TIME_RANGE_PRESETS.map((range) =>
    h(
      'button',
      { type: 'button', 'data-range': range, click: () => change({ range, dates: undefined }) },
      PRESETS[range],
    ),
  )
  const [start, end] = [dateField('From', 'start'), dateField('To', 'end')]
  const say = h('p', { class: 'field-problem', role: 'alert' })
  const dates = h(
    'form',
    { class: 'dates', submit: applyDates },
    start.label,
    end.label,
    h('button', { type: 'submit', class: 'button' }, 'Show'),
    say,
  )
  const custom = h('details', { class: 'custom', keydown: closeByEscape }, h('summary', {}, 'Dates…'), dates)
  const zone = createZoneField((name) => change({ zone: name }))
  const channel = choice(
    'Channel',
    'channel',
    [['', 'All channels'], ...CHANNELS.map((name) => [name, channelName(name)] as const)],
    (name) => change({ channel: name || undefined }),
  )
  const granularity = choice('By', 'granularity', [], (name) =>
    change({ granularity: (name || undefined) as Granularity | undefined }),
  )
  const one = h('div', { class: 'only' })

  function closeByEscape(event: Event): void {
    if (!(event instanceof KeyboardEvent) || event.key !== 'Escape') return
    custom.open = false
    custom.querySelector('summary')?.focus()
  }

  function applyDates(event: Event): void {
    event.preventDefault()
    const chosen = { start: start.input.value, end: end.input.value }
    say.textContent =
      chosen.start === '' || chosen.end === ''
        ? 'Choose both days.'
        : chosen.start > chosen.end
          ? 'The first day lies after the last.'
          : ''
    if (say.textContent !== '') return
    custom.open = false
    change({ dates: chosen })
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
      one,
    ),
    show(asked: Asked) {
      const { takesChannel, granularities, one: kind } = VIEWS[asked.view]
      for (const button of presets)
        button.setAttribute('aria-pressed', String(!asked.dates && button.dataset['range'] === asked.range))
      custom.toggleAttribute('data-active', asked.dates !== undefined)
      if (asked.dates) [start.input.value, end.input.value] = [asked.dates.start, asked.dates.end]
      zone.show(asked.zone)
      channel.label.hidden = !takesChannel
      channel.select.value = asked.channel ?? ''
      granularity.label.hidden = granularities.length === 0
      granularity.replace([['', 'Automatic'], ...granularities.map((name) => [name, GRANULARITY_NAMES[name]] as const)])
      granularity.select.value = asked.granularity ?? ''
      one.hidden = asked.id === undefined
      if (asked.id !== undefined && kind)
        fill(
          one,
          h('span', {}, `Only ${kind.noun} `, foreignText(asked.id)),
          h('button', { type: 'button', class: 'button', click: () => change({ id: undefined }) }, 'Show all'),
        )
    },
  }
}

function dateField(text: string, name: string) {
  const input = h('input', { type: 'date', name, required: true })
  return { input, label: h('label', {}, h('span', {}, text), input) }
}

type Option = readonly [value: string, text: string]

function choice(text: string, name: string, options: readonly Option[], choose: (value: string) => void) {
  const select = h('select', { name, change: () => choose(select.value) })
  const replace = (next: readonly Option[]) => {
    if ([...select.options].map((option) => option.value).join() === next.map(([value]) => value).join()) return
    fill(select, ...next.map(([value, shown]) => h('option', { value }, shown)))
  }
  replace(options)
  return {
    select,
    replace,
    label: h('label', {}, h('span', {}, text), select),
  }
}
