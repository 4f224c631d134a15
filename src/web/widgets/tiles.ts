import { fill, h, setText, spoken } from '../dom.ts'
import { changeOf, formatCount, formatRate } from '../format.ts'

interface Measure<Summary> {
  readonly label: string
  readonly value: (summary: Summary) => number
  readonly kind?: 'count' | 'rate'
  /** Whether more of it is good news, bad news, or no news of either kind. */
  readonly more?: 'good' | 'bad' | 'neither'
}
export interface TileSpec<Summary> extends Measure<Summary> {
  /** The rate that goes with the number. */
  readonly rate?: Measure<Summary>
  /** The colour that stands for it in the charts. */
  readonly colour?: string
}

const ARROWS = { up: '▲', down: '▼', same: '=' } as const

/** The numbers of a view, each beside what it was in the days before. A number that changes while it is looked at is lit up for a moment. */
export function createTiles<Summary>(label: string, specs: readonly TileSpec<Summary>[]) {
  const tiles = specs.map((spec) => createTile(spec))
  return {
    element: h('section', { 'aria-label': label }, h('dl', { class: 'tiles' }, ...tiles.map((tile) => tile.element))),
    show(now: Summary, before: Summary | undefined) {
      for (const tile of tiles) tile.show(now, before)
    },
  }
}

function createTile<Summary>(spec: TileSpec<Summary>) {
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
  const show = (measure: Measure<Summary>, place: HTMLElement, mark: HTMLElement, now: Summary, before?: Summary) => {
    const { value, kind = 'count' } = measure
    const hadNumber = place.textContent !== ''
    if (setText(place, kind === 'rate' ? formatRate(value(now)) : formatCount(value(now))) && hadNumber) lightUp(place)
    showChange(mark, measure, value(now), before === undefined ? undefined : value(before))
  }
  return {
    element,
    show(now: Summary, before: Summary | undefined) {
      show(spec, number, change, now, before)
      if (rate) show({ kind: 'rate', more: 'good', ...rate }, rateNumber, rateChange, now, before)
    },
  }
}

function showChange<Summary>(
  mark: HTMLElement,
  { kind = 'count', more = 'good' }: Measure<Summary>,
  now: number,
  before: number | undefined,
): void {
  if (before === undefined || (now === 0 && before === 0)) return fill(mark)
  const { direction, size, sentence } = changeOf(now, before, kind)
  if (mark.title === sentence) return
  const isGood = (direction === 'up') === (more === 'good')
  mark.dataset['news'] = direction === 'same' || more === 'neither' ? 'none' : isGood ? 'good' : 'bad'
  mark.title = sentence
  fill(mark, h('span', { 'aria-hidden': 'true' }, `${ARROWS[direction]} ${size}`.trim()), spoken(sentence))
}

function lightUp(place: HTMLElement): void {
  place.classList.remove('ticked')
  // Read, so that the animation begins anew.
  void place.offsetWidth
  place.classList.add('ticked')
}
