import { useSignal } from '@preact/signals'
import { options, type RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { type RowRange, rowRangeAt } from './row-window.ts'

export interface RowWindow {
  readonly range: RowRange
  /** Whether rows outside of the range are left out. */
  readonly isWindowed: boolean
  /** Pixels. */
  readonly rowHeight: number
  isScrolled(): boolean
  /** The number of rows that a page key passes. */
  pageRows(): number
}

/** Shorter tables exist as a whole. */
const MAX_COMPLETE_ROWS = 100
/** Until the first measurement, pixels. */
const FIRST_POSITION = { scrollTop: 0, viewportHeight: 800, rowHeight: 40 }

/** The rows that exist in a scrolled element: those near its visible part, or all of them on paper. Marks the frame around the element with the sides that hide columns. */
export function useRowWindow(
  rowCount: number,
  scroll: RefObject<HTMLElement | null>,
  frame: RefObject<HTMLElement | null>,
): RowWindow {
  const position = useSignal(FIRST_POSITION)
  const isPrinting = useSignal(false)
  const count = useRef(rowCount)
  count.current = rowCount
  const lastScrollTop = useRef(0)

  useLayoutEffect(() => {
    const element = scroll.current!
    const followScroll = () => {
      lastScrollTop.current = element.scrollTop
      const next = { ...position.peek(), scrollTop: element.scrollTop }
      if (!isSameRange(rangeOf(next), rangeOf(position.peek()))) position.value = next
      markHiddenColumns(element, frame.current!)
    }
    const rangeOf = (at: typeof FIRST_POSITION) => rowRangeAt({ ...at, rowCount: count.current })
    const measure = () => {
      const row = element.querySelector('tr[data-row-key]')
      const rowHeight = row?.getBoundingClientRect().height || FIRST_POSITION.rowHeight
      position.value = { scrollTop: element.scrollTop, viewportHeight: element.clientHeight, rowHeight }
      markHiddenColumns(element, frame.current!)
    }
    measure()
    element.addEventListener('scroll', followScroll, { passive: true })
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    observer.observe(element.firstElementChild!)
    return () => {
      element.removeEventListener('scroll', followScroll)
      observer.disconnect()
    }
  }, [])

  useEffect(() => {
    const beforePrint = () => drawAtOnce(() => (isPrinting.value = true))
    const afterPrint = () => (isPrinting.value = false)
    window.addEventListener('beforeprint', beforePrint)
    window.addEventListener('afterprint', afterPrint)
    return () => {
      window.removeEventListener('beforeprint', beforePrint)
      window.removeEventListener('afterprint', afterPrint)
    }
  }, [])

  const isWindowed = rowCount > MAX_COMPLETE_ROWS && !isPrinting.value
  return {
    isWindowed,
    rowHeight: position.value.rowHeight,
    range: isWindowed ? rowRangeAt({ ...position.value, rowCount }) : { start: 0, end: rowCount },
    isScrolled: () => lastScrollTop.current > 0,
    pageRows() {
      const { viewportHeight, rowHeight } = position.peek()
      // The heading and the totals cover a row each, and one row stays in sight.
      return Math.max(1, Math.floor(viewportHeight / rowHeight) - 3)
    },
  }
}

/** The browser prints as soon as the event handler returns, so the change is drawn before. */
function drawAtOnce(change: () => void): void {
  const { debounceRendering } = options
  options.debounceRendering = (draw) => draw()
  change()
  if (debounceRendering) options.debounceRendering = debounceRendering
  else delete options.debounceRendering
}

/** Sets `data-hides` of the frame to the sides where columns are out of sight: `start`, `end`, both or none. */
function markHiddenColumns(element: HTMLElement, frame: HTMLElement): void {
  const hidden = element.scrollWidth - element.clientWidth
  const offset = Math.abs(element.scrollLeft)
  const sides = [offset > 1 ? 'start' : '', offset < hidden - 1 ? 'end' : ''].filter(Boolean).join(' ')
  if (frame.dataset['hides'] !== sides) frame.dataset['hides'] = sides
}

function isSameRange(a: RowRange, b: RowRange): boolean {
  return a.start === b.start && a.end === b.end
}
