import { useEffect, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { messages } from '../messages/messages.ts'

const COPIED_MS = 2_000

interface CopyableProps {
  readonly text: string
  /** What the text is, for the name of the button. */
  readonly name: string
}

/** A text in a fixed-width font with a button that copies it. */
export function Copyable({ text, name }: CopyableProps) {
  const { empty } = messages()
  const code = useRef<HTMLElement>(null)
  const result = useSignal<'none' | 'copied' | 'failed'>('none')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  async function copy(): Promise<void> {
    const isCopied = await copyText(text, code.current!)
    result.value = isCopied ? 'copied' : 'failed'
    clearTimeout(timer.current)
    if (isCopied) timer.current = setTimeout(() => (result.value = 'none'), COPIED_MS)
  }
  return (
    <div class="copyable">
      <pre tabIndex={0}>
        <code ref={code}>{text}</code>
      </pre>
      <button type="button" class="button" aria-label={empty.copyNamed(name)} onClick={() => void copy()}>
        {result.value === 'copied' ? empty.copied : empty.copy}
      </button>
      <p class={result.value === 'failed' ? 'note' : 'visually-hidden'} role="status">
        {result.value === 'copied' ? empty.copied : result.value === 'failed' ? empty.copyFailed : ''}
      </p>
    </div>
  )
}

/**
 * Copies a text. Browsers offer the clipboard only on secure addresses; elsewhere, such as on plain HTTP in a local network, the element that shows the text is selected
 * and copied. When the browser permits neither, it stays selected. Resolves with whether the text was copied.
 */
async function copyText(text: string, element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    getSelection()?.selectAllChildren(element)
    if (!document.execCommand('copy')) return false
    getSelection()?.removeAllRanges()
    return true
  }
}
