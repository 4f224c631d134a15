import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { QuerySchema } from '../../explorer/query-schema.ts'
import { formatCount } from '../../format/numbers.ts'
import {
  changeBlock,
  type DraftBlock,
  type Mistake,
  moveBlock,
  removeBlock,
  type ReportDraft,
} from '../report-draft.ts'
import { reportTexts } from '../texts/report-texts.ts'
import { BlockEditor } from './block-editor.tsx'
import { BlockPreview } from './block-preview.tsx'

interface BlocksEditorProps {
  readonly draft: ReportDraft
  readonly mistakes: ReadonlyMap<number, readonly Mistake[]>
  readonly schema: QuerySchema
  readonly asOf: number
  readonly hasPreview: boolean
  readonly onChange: (draft: ReportDraft) => void
}

/** The blocks of a report as a list. A block moves by its buttons, or with the mouse. */
export function BlocksEditor({ draft, mistakes, schema, asOf, hasPreview, onChange }: BlocksEditorProps) {
  const { builder: texts } = reportTexts()
  const { blocks, timezone } = draft
  const list = useRef<HTMLOListElement>(null)
  const dragged = useSignal<number | undefined>(undefined)
  const announcement = useSignal('')
  /** The block, and the direction, whose button receives the focus after a change. */
  const focusNext = useRef<{ readonly key: number; readonly offset: number }>(undefined)
  const titleOf = ({ title }: DraftBlock) => (title.trim() === '' ? texts.untitled : title)
  const move = (from: number, to: number) => {
    const next = moveBlock(draft, from, to)
    if (next === draft) return
    announcement.value = texts.moved(titleOf(blocks[from]!), formatCount(to + 1), formatCount(blocks.length))
    onChange(next)
  }
  useLayoutEffect(() => {
    const target = focusNext.current
    if (!target) return
    focusNext.current = undefined
    const buttons = [...list.current!.querySelectorAll<HTMLElement>(`[data-block="${target.key}"] [data-move]`)]
    const isPossible = (button: HTMLElement) => button.getAttribute('aria-disabled') !== 'true'
    // A block at an end cannot move on: its other button takes the focus.
    const same = buttons.find((button) => Number(button.dataset['move']) === target.offset && isPossible(button))
    ;(same ?? buttons.find(isPossible) ?? buttons[0])?.focus()
  }, [blocks])
  if (blocks.length === 0)
    return (
      <div>
        <p>{texts.none}</p>
        <p class="note">{texts.noneHint}</p>
        <p class="visually-hidden" role="status">
          {announcement.value}
        </p>
      </div>
    )
  return (
    <>
      <ol ref={list} class="block-list" role="list">
        {blocks.map((block, index) => (
          <li
            key={block.key}
            class="block-item"
            data-block={block.key}
            data-dragged={dragged.value === index ? '' : undefined}
            onDragOver={(event) => dragged.value !== undefined && event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault()
              if (dragged.value !== undefined) move(dragged.value, index)
              dragged.value = undefined
            }}
          >
            <BlockEditor
              block={block}
              name={texts.block(formatCount(index + 1), titleOf(block))}
              position={{ index, count: blocks.length }}
              mistakes={mistakes.get(block.key) ?? []}
              schema={schema}
              onChange={(next) => onChange(changeBlock(draft, index, next))}
              onMove={(offset) => {
                focusNext.current = { key: block.key, offset }
                move(index, index + offset)
              }}
              onRemove={() => {
                const neighbour = blocks[index + 1] ?? blocks[index - 1]
                focusNext.current = neighbour && { key: neighbour.key, offset: -1 }
                announcement.value = texts.removed(titleOf(block))
                onChange(removeBlock(draft, index))
              }}
              onDrag={(isDragged) => (dragged.value = isDragged ? index : undefined)}
            />
            {hasPreview && <BlockPreview block={block} zone={timezone} schema={schema} asOf={asOf} />}
          </li>
        ))}
      </ol>
      <p class="visually-hidden" role="status" data-announcement="">
        {announcement.value}
      </p>
    </>
  )
}
