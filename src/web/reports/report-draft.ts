/** A report while it is edited: the changes that the builder makes, and where a mistake belongs. */
import { REPORT_LIMITS } from '../../reports/report-parts.ts'
import type { BlockRequest, ReportRequest } from '../../reports/report.ts'

/** A block with an identity of its own, which stays when it moves. */
export interface DraftBlock extends BlockRequest {
  readonly key: number
}

export interface ReportDraft {
  readonly name: string
  readonly description: string
  readonly timezone: string
  readonly blocks: readonly DraftBlock[]
}

export function emptyDraft(timezone: string): ReportDraft {
  return { name: '', description: '', timezone, blocks: [] }
}

export function draftOf({ name, description = '', timezone, blocks }: ReportRequest): ReportDraft {
  return { name, description, timezone, blocks: blocks.map((block, index) => ({ ...block, key: index + 1 })) }
}

/** The request that stores a draft. */
export function requestOf({ name, description, timezone, blocks }: ReportDraft): ReportRequest {
  const text = description.trim()
  return {
    name: name.trim(),
    ...(text !== '' && { description: text }),
    blocks: blocks.map(({ title, kind, body, chart }) => ({ title: title.trim(), kind, body, chart })),
    timezone,
  }
}

export function isChanged(draft: ReportDraft, since: ReportDraft): boolean {
  return JSON.stringify(requestOf(draft)) !== JSON.stringify(requestOf(since))
}

export function isFull({ blocks }: ReportDraft): boolean {
  return blocks.length >= REPORT_LIMITS.blocks
}

/** Adds a block at the end, where there is room. */
export function addBlock(draft: ReportDraft, block: BlockRequest): ReportDraft {
  if (isFull(draft)) return draft
  const { title, kind, body, chart } = block
  const key = Math.max(0, ...draft.blocks.map((each) => each.key)) + 1
  return { ...draft, blocks: [...draft.blocks, { title, kind, body, chart, key }] }
}

export function changeBlock(draft: ReportDraft, index: number, next: Partial<BlockRequest>): ReportDraft {
  return { ...draft, blocks: draft.blocks.with(index, { ...draft.blocks[index]!, ...next }) }
}

export function removeBlock(draft: ReportDraft, index: number): ReportDraft {
  return { ...draft, blocks: draft.blocks.toSpliced(index, 1) }
}

/** Moves a block to another position; the same draft where there is none. */
export function moveBlock(draft: ReportDraft, from: number, to: number): ReportDraft {
  const block = draft.blocks[from]
  if (!block || from === to || to < 0 || to >= draft.blocks.length) return draft
  return { ...draft, blocks: draft.blocks.toSpliced(from, 1).toSpliced(to, 0, block) }
}

/** A mistake that the service has found: the part of the report or of the block, and its explanation. */
export interface Mistake {
  readonly path: string
  readonly message: string
}

export interface Mistakes {
  /** By the key of the block; the paths are those inside the block. */
  readonly blocks: ReadonlyMap<number, readonly Mistake[]>
  /** Of the report itself. */
  readonly others: readonly Mistake[]
}

export const NO_MISTAKES: Mistakes = { blocks: new Map(), others: [] }

const BLOCK_PATH = /^blocks\[(\d+)\]\.?(.*)$/

/** Sorts the mistakes of a refused request by the blocks that they are about. */
export function mistakesIn(draft: ReportDraft, details: readonly Mistake[]): Mistakes {
  const blocks = new Map<number, Mistake[]>()
  const others: Mistake[] = []
  for (const { path, message } of details) {
    const [, index, inside = ''] = BLOCK_PATH.exec(path) ?? []
    const block = index === undefined ? undefined : draft.blocks[Number(index)]
    if (block) blocks.set(block.key, [...(blocks.get(block.key) ?? []), { path: inside, message }])
    else others.push({ path, message })
  }
  return { blocks, others }
}
