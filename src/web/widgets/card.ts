import { h } from '../dom.ts'

let cardCount = 0

/** A part of a view under a heading of its own. */
export function card(title: string, says: string | undefined, ...children: readonly (Node | undefined)[]): HTMLElement {
  const id = `card-${++cardCount}`
  return h(
    'section',
    { class: 'card', 'aria-labelledby': id },
    h('header', { class: 'card-head' }, h('h2', { id }, title), says !== undefined && h('p', {}, says)),
    ...children,
  )
}

/** A wide thing that scrolls by itself, so that the page never does; with the keyboard too. */
export function scrollable(label: string, ...children: readonly Node[]): HTMLElement {
  return h('div', { class: 'scroll', role: 'group', 'aria-label': label, tabindex: 0 }, ...children)
}
