import { useEffect, useRef } from 'preact/hooks'

interface ConflictNoticeProps {
  readonly texts: { readonly title: string; readonly text: string; readonly load: string; readonly keep: string }
  readonly onLoad: () => void
  readonly onKeep: () => void
}

/** Says that somebody else has changed the same, and offers the newer version. It receives the focus. */
export function ConflictNotice({ texts, onLoad, onKeep }: ConflictNoticeProps) {
  const notice = useRef<HTMLElement>(null)
  useEffect(() => notice.current?.focus(), [])
  return (
    <section ref={notice} class="banner conflict" role="alert" tabIndex={-1}>
      <h2>{texts.title}</h2>
      <p>{texts.text}</p>
      <p class="view-links">
        <button type="button" class="button primary" onClick={onLoad}>
          {texts.load}
        </button>
        <button type="button" class="button" onClick={onKeep}>
          {texts.keep}
        </button>
      </p>
    </section>
  )
}
