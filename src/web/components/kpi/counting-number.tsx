import { useLayoutEffect, useRef } from 'preact/hooks'
import { useApp } from '../../state/app.ts'

const DURATION_MS = 400

interface CountingNumberProps {
  readonly value: number
  readonly format: (value: number) => string
}

/**
 * A number that moves quietly to its new value when a live update changes it. A number of another address, such as of another filter, is shown at once, and so is every
 * number where the user prefers reduced motion.
 */
export function CountingNumber({ value, format }: CountingNumberProps) {
  const { loader } = useApp()
  const element = useRef<HTMLSpanElement>(null)
  const viewState = loader.status.peek().shown?.viewState
  const shown = useRef({ value, viewState })
  const text = format(value)
  useLayoutEffect(() => {
    const { value: from, viewState: previousViewState } = shown.current
    shown.current = { value, viewState }
    const node = element.current!.firstChild as Text
    // An interrupted movement may have left another number.
    node.data = text
    if (from === value || previousViewState !== viewState || prefersReducedMotion()) return undefined
    return animate(node, from, value, format, (reached) => {
      shown.current = { value: reached, viewState }
    })
  }, [value, viewState])
  return (
    <span ref={element} class="value">
      {text}
    </span>
  )
}

/** Changes a text from one number to another; returns a function that stops it. The last text is exact. */
function animate(
  node: Text,
  from: number,
  to: number,
  format: (value: number) => string,
  onStep: (reached: number) => void,
): () => void {
  const isWhole = Number.isInteger(from) && Number.isInteger(to)
  const start = performance.now()
  const step = () => {
    const progress = Math.min(1, (performance.now() - start) / DURATION_MS)
    const eased = 1 - (1 - progress) ** 3
    const exact = from + (to - from) * eased
    const reached = progress === 1 ? to : isWhole ? Math.round(exact) : exact
    onStep(reached)
    node.data = format(reached)
    if (progress < 1) frame = requestAnimationFrame(step)
  }
  let frame = 0
  step()
  return () => cancelAnimationFrame(frame)
}

function prefersReducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches
}
