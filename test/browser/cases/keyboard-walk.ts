import type { Page } from 'playwright-core'

/** A control that received the focus. */
export interface FocusStep {
  readonly name: string
  readonly hasVisibleFocus: boolean
}

interface Walk {
  readonly reached: readonly FocusStep[]
  /** The visible controls that the Tab key did not reach, as markup. */
  readonly unreached: readonly string[]
}

const MAX_STEPS = 150

interface Recorder {
  readonly steps: FocusStep[]
  unreached(): string[]
}
type RecorderWindow = typeof globalThis & { focusRecorder: Recorder }

/** Presses Tab from the start of the document until the focus leaves it. */
export async function walkByKeyboard(page: Page): Promise<Walk> {
  await page.evaluate(() => {
    const seen = new Set<Element>()
    const steps: { name: string; hasVisibleFocus: boolean }[] = []
    /** The style of a control, of the elements around it that may show its focus, and of their pseudo-elements. */
    const styleOf = (element: Element) => {
      const around = [element, element.parentElement, element.parentElement?.parentElement].filter((each) => !!each)
      return around
        .flatMap((each) => [undefined, '::before', '::after'].map((pseudo) => getComputedStyle(each, pseudo)))
        .map((style) => [style.outline, style.boxShadow, style.border, style.backgroundColor].join())
        .join('; ')
    }
    const record = ({ target }: Event) => {
      const element = target as HTMLElement
      if (seen.has(element)) return
      seen.add(element)
      const name = element.getAttribute('aria-label') ?? (element.textContent.trim() || element.outerHTML.slice(0, 150))
      const step = { name, hasVisibleFocus: false }
      const focusedStyle = styleOf(element)
      steps.push(step)
      const compare = () => requestAnimationFrame(() => (step.hasVisibleFocus = styleOf(element) !== focusedStyle))
      element.addEventListener('blur', compare, { once: true })
    }
    const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
    Object.assign(window, {
      focusRecorder: {
        steps,
        unreached() {
          document.removeEventListener('focusin', record)
          const controls = [...document.querySelectorAll<HTMLElement>(CONTROLS)]
          return controls
            .filter((element) => element.tabIndex >= 0 && !element.matches(':disabled') && element.checkVisibility())
            .filter((element) => !seen.has(element))
            .map(({ outerHTML }) => outerHTML.slice(0, 200))
        },
      },
    })
    const focused = document.activeElement as HTMLElement | null
    focused?.blur()
    // The walk begins at the start of the document, wherever the focus was.
    const start = document.createElement('span')
    start.tabIndex = -1
    document.body.prepend(start)
    start.focus()
    document.addEventListener('focusin', record)
    start.addEventListener('blur', () => start.remove(), { once: true })
  })
  let count = -1
  for (let step = 0; step < MAX_STEPS; step++) {
    await page.keyboard.press('Tab')
    if (step % 10 < 9) continue
    const { length } = await page.evaluate(() => (window as unknown as RecorderWindow).focusRecorder.steps)
    // All controls were reached before: the focus has left the document and returned.
    if (length === count) break
    count = length
  }
  return page.evaluate(async () => {
    ;(document.activeElement as HTMLElement).blur()
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const { focusRecorder } = window as unknown as RecorderWindow
    const unreached = focusRecorder.unreached()
    return { reached: focusRecorder.steps, unreached }
  })
}
