type Child = Node | string | number | false | undefined
type Attributes = Readonly<Record<string, string | number | boolean | EventListener | undefined>>

/**
 * Creates an element with attributes, listeners (values that are functions) and children. Texts become text nodes, never markup. The page creates elements only with
 * this function, so that no text from an event can become an element.
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

/** Replaces the children of an element. */
export function setChildren(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(
    ...children.flatMap((child) =>
      child === undefined || child === false ? [] : [typeof child === 'number' ? String(child) : child],
    ),
  )
}

/** Sets the text of a node only if it differs, so that the browser does not draw or announce it again. Returns whether it changed. */
export function setText(node: Node, text: string): boolean {
  if (node.textContent === text) return false
  node.textContent = text
  return true
}

/** A text for screen readers only. */
export function visuallyHidden(text: string): HTMLElement {
  return h('span', { class: 'spoken' }, text)
}

/** A text with its own writing direction, which does not affect the text around it. */
export function isolatedText(text: string): HTMLElement {
  return h('bdi', {}, text)
}
