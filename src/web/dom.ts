type Child = Node | string | number | false | undefined
type Attributes = Readonly<Record<string, string | number | boolean | EventListener | undefined>>

/**
 * An element with attributes, listeners (values that are functions) and children. Texts become text nodes, never markup: this is the only way the page makes
 * elements, so that nothing an event says can become one.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value))
  }
  setChildren(element, ...children)
  return element
}

/** Replaces what an element holds. */
export function setChildren(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(
    ...children.flatMap((child) =>
      child === undefined || child === false ? [] : [typeof child === 'number' ? String(child) : child],
    ),
  )
}

/** Sets a text only where it differs, so that nothing is drawn or announced again. Returns whether it did. */
export function setText(node: Node, text: string): boolean {
  if (node.textContent === text) return false
  node.textContent = text
  return true
}

/** A text for screen readers alone. */
export function visuallyHidden(text: string): HTMLElement {
  return h('span', { class: 'spoken' }, text)
}

/** A text in whatever direction it is written, which turns nothing around it. */
export function isolatedText(text: string): HTMLElement {
  return h('bdi', {}, text)
}
