import { setChildren, h, visuallyHidden } from '../dom.ts'
import { formatCount } from '../format.ts'
import { WEEKDAYS } from '../../analytics/time/buckets.ts'
import { createTableAlternative } from './table.ts'

const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
/** The number of shades in the style sheet, besides the shade of zero. */
const SHADE_COUNT = 8

/** Counts by weekday and hour as shades. The element is a table whose cells contain the numbers, for screen readers. */
export function createHeatMap(title: string) {
  const body = h('tbody')
  const maxLabel = h('span', { class: 'heat-most' })
  const head = HOURS.map((hour) =>
    h('th', { scope: 'col', class: hour % 3 === 0 ? undefined : 'between' }, h('span', {}, twoDigits(hour))),
  )
  const table = h(
    'table',
    { class: 'heat' },
    h('caption', { class: 'spoken' }, title),
    h('thead', {}, h('tr', {}, h('td', {}), ...head)),
    body,
  )
  const shades = Array.from({ length: SHADE_COUNT + 1 }, (_, shade) => h('i', { 'data-shade': shade }))
  const legend = h('p', { class: 'heat-key' }, '0 ', h('span', { 'aria-hidden': 'true' }, ...shades), maxLabel)
  const alternative = createTableAlternative<{ hour: number; counts: readonly number[] }>({
    caption: `${title}, as a table`,
    columns: [
      { label: 'Hour', kind: 'label', value: ({ hour }) => `${twoDigits(hour)}:00` },
      ...WEEKDAYS.map((day, index) => ({
        label: day.slice(0, 3),
        kind: 'count' as const,
        value: ({ counts }: { counts: readonly number[] }) => counts[index]!,
      })),
    ],
  })
  return {
    element: h('div', {}, table, legend, alternative.element),
    show(matrix: readonly (readonly number[])[]) {
      const max = Math.max(0, ...matrix.flat())
      setChildren(
        body,
        ...WEEKDAYS.map((day, row) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row', 'aria-label': day }, day.slice(0, 3)),
            ...HOURS.map((hour) => createCell(day, hour, matrix[row]![hour]!, max)),
          ),
        ),
      )
      maxLabel.textContent = ` ${formatCount(max)}`
      alternative.show(HOURS.map((hour) => ({ hour, counts: matrix.map((row) => row[hour]!) })))
    },
  }
}

function createCell(day: string, hour: number, count: number, max: number): HTMLElement {
  const shade = count === 0 ? 0 : Math.max(1, Math.ceil((count / max) * SHADE_COUNT))
  const title = `${day} ${twoDigits(hour)}:00, ${formatCount(count)} sent`
  return h('td', { 'data-shade': shade, title }, visuallyHidden(formatCount(count)))
}

function twoDigits(hour: number): string {
  return String(hour).padStart(2, '0')
}
