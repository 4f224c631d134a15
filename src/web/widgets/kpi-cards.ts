import { setChildren, h, setText, visuallyHidden } from '../dom.ts'
import { describeChange, formatCount, formatRate } from '../format.ts'

interface KpiMeasure<Summary> {
  readonly label: string
  readonly value: (summary: Summary) => number
  readonly kind?: 'count' | 'rate'
  /** Whether an increase is good, bad or neutral. */
  readonly increaseIs?: 'good' | 'bad' | 'neither'
}
export interface KpiCardSpec<Summary> extends KpiMeasure<Summary> {
  /** The rate that belongs to the number. */
  readonly rate?: KpiMeasure<Summary>
  /** The colour of the metric in the charts. */
  readonly colour?: string
}

const ARROWS = { up: '▲', down: '▼', same: '=' } as const

/** The KPI cards of a view, each with its change since the previous period. A number that changes while the page is visible is highlighted briefly. */
export function createKpiCards<Summary>(label: string, specs: readonly KpiCardSpec<Summary>[]) {
  const cards = specs.map((spec) => createKpiCard(spec))
  return {
    element: h('section', { 'aria-label': label }, h('dl', { class: 'tiles' }, ...cards.map((tile) => tile.element))),
    show(current: Summary, previous: Summary | undefined) {
      for (const tile of cards) tile.show(current, previous)
    },
  }
}

function createKpiCard<Summary>(spec: KpiCardSpec<Summary>) {
  const number = h('span', { class: 'number' })
  const change = h('span', { class: 'change' })
  const rateNumber = h('span', { class: 'rate-number' })
  const rateChange = h('span', { class: 'change' })
  const { rate } = spec
  const element = h(
    'div',
    { class: 'tile', 'data-colour': spec.colour },
    h('dt', {}, spec.label),
    h('dd', { class: 'headline' }, number, change),
    rate && h('dd', { class: 'rate' }, h('span', {}, rate.label), rateNumber, rateChange),
  )
  const show = (
    measure: KpiMeasure<Summary>,
    numberElement: HTMLElement,
    changeElement: HTMLElement,
    current: Summary,
    previous?: Summary,
  ) => {
    const { value, kind = 'count' } = measure
    const hadNumber = numberElement.textContent !== ''
    if (setText(numberElement, kind === 'rate' ? formatRate(value(current)) : formatCount(value(current))) && hadNumber)
      highlightChange(numberElement)
    showChange(changeElement, measure, value(current), previous === undefined ? undefined : value(previous))
  }
  return {
    element,
    show(current: Summary, previous: Summary | undefined) {
      show(spec, number, change, current, previous)
      if (rate) show({ kind: 'rate', increaseIs: 'good', ...rate }, rateNumber, rateChange, current, previous)
    },
  }
}

function showChange<Summary>(
  changeElement: HTMLElement,
  { kind = 'count', increaseIs = 'good' }: KpiMeasure<Summary>,
  current: number,
  previous: number | undefined,
): void {
  if (previous === undefined || (current === 0 && previous === 0)) return setChildren(changeElement)
  const { direction, amount, sentence } = describeChange(current, previous, kind)
  if (changeElement.title === sentence) return
  const isGood = (direction === 'up') === (increaseIs === 'good')
  changeElement.dataset['news'] = direction === 'same' || increaseIs === 'neither' ? 'none' : isGood ? 'good' : 'bad'
  changeElement.title = sentence
  setChildren(
    changeElement,
    h('span', { 'aria-hidden': 'true' }, `${ARROWS[direction]} ${amount}`.trim()),
    visuallyHidden(sentence),
  )
}

function highlightChange(place: HTMLElement): void {
  place.classList.remove('ticked')
  // Reading the property restarts the animation.
  void place.offsetWidth
  place.classList.add('ticked')
}
