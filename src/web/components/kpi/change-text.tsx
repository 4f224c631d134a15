import type { BetterDirection } from '../../../analytics/better-direction.ts'
import type { Change } from '../../format/changes.ts'

const ARROWS = { up: '▲', down: '▼', same: '=' } as const

interface ChangeTextProps {
  /** Undefined where there is nothing to compare. */
  readonly change: Change | undefined
  readonly better: BetterDirection
}

/** The change of a number, coloured by whether it is good news. Screen readers read it as a sentence. */
export function ChangeText({ change, better }: ChangeTextProps) {
  if (!change) return null
  const { direction, amount, sentence } = change
  const isGood = (direction === 'up') === (better === 'higher')
  const news = direction === 'same' || better === 'neither' ? 'neutral' : isGood ? 'good' : 'bad'
  return (
    <span class="change" data-news={news} title={sentence}>
      <span aria-hidden="true">{`${ARROWS[direction]} ${amount}`.trim()}</span>
      <span class="visually-hidden">{sentence}</span>
    </span>
  )
}
