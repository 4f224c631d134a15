import { formatCount } from '../format/numbers.ts'
import { texts } from './texts/texts.ts'

interface NewerNoticeProps {
  /** How many rows came since the list was read; undefined where that is not known. */
  readonly count: number | undefined
  readonly onShow: () => void
}

/** Offers to read a list again that has newer rows. Nothing without any. */
export function NewerNotice({ count, onShow }: NewerNoticeProps) {
  if (!count) return null
  const { newer, showNewer } = texts()
  return (
    <p class="note" role="status">
      {newer(formatCount(count))}{' '}
      <button type="button" class="button" onClick={onShow}>
        {showNewer}
      </button>
    </p>
  )
}
