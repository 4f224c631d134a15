import { h } from '../dom.ts'

let cardCount = 0

/** A section of a view with its own heading. */
export function createCard(
  title: string,
  subtitle: string | undefined,
  ...children: readonly (Node | undefined)[]
): HTMLElement {
  const id = `card-${++cardCount}`
  return h(
    'section',
    { class: 'card', 'aria-labelledby': id },
    h('header', { class: 'card-head' }, h('h2', { id }, title), subtitle !== undefined && h('p', {}, subtitle)),
    ...children,
  )
}

/** A wide element that scrolls horizontally by itself, so that the page does not; it can be scrolled with the keyboard too. */
export function createScrollArea(label: string, ...children: readonly Node[]): HTMLElement {
  return h('div', { class: 'scroll', role: 'group', 'aria-label': label, tabindex: 0 }, ...children)
}
