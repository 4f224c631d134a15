/** The least space between a panel and the edge of the window, in pixels. */
const MARGIN = 8

/** Moves a panel that opens beside its button sideways until it is inside the window, and scrolls until it is visible. */
export function keepInWindow(panel: HTMLElement): void {
  panel.style.translate = ''
  const { left, right } = panel.getBoundingClientRect()
  const overflow = Math.max(0, right - (document.documentElement.clientWidth - MARGIN))
  // The left edge takes precedence where the panel is wider than the window.
  const shift = Math.max(MARGIN - left, -overflow)
  panel.style.translate = left < MARGIN || overflow > 0 ? `${shift}px` : ''
  panel.scrollIntoView({ block: 'nearest' })
}
