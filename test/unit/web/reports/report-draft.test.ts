import { describe, expect, test } from 'bun:test'
import { REPORT_LIMITS } from '../../../../src/reports/report-parts.ts'
import {
  addBlock,
  changeBlock,
  draftOf,
  emptyDraft,
  isChanged,
  isFull,
  mistakesIn,
  moveBlock,
  removeBlock,
  type ReportDraft,
  requestOf,
} from '../../../../src/web/reports/report-draft.ts'

const block = (title: string) => ({ title, kind: 'query', body: { metrics: ['messages'] }, chart: 'table' }) as const
const DRAFT = draftOf({
  name: 'Weekly',
  description: 'For all',
  timezone: 'UTC',
  blocks: [block('a'), block('b'), block('c')],
})
const titlesOf = ({ blocks }: ReportDraft) => blocks.map(({ title }) => title)

describe('a draft of a report', () => {
  test('is stored as it was read, without the white space around its texts', () => {
    const request = {
      name: 'Weekly',
      description: 'For all',
      timezone: 'UTC',
      blocks: [block('a'), block('b'), block('c')],
    }
    expect(requestOf(DRAFT)).toEqual(request)
    expect(requestOf({ ...DRAFT, name: ' Weekly ', description: '  ' })).toEqual({
      name: 'Weekly',
      timezone: 'UTC',
      blocks: request.blocks,
    })
  })

  test('is changed by what the service would store, and only by that', () => {
    expect(isChanged({ ...DRAFT, name: 'Weekly ' }, DRAFT)).toBe(false)
    expect(isChanged(moveBlock(DRAFT, 0, 1), DRAFT)).toBe(true)
    expect(isChanged(moveBlock(moveBlock(DRAFT, 0, 1), 1, 0), DRAFT)).toBe(false)
  })

  test('moves a block to each place, and nowhere beyond the ends', () => {
    expect(titlesOf(moveBlock(DRAFT, 0, 2))).toEqual(['b', 'c', 'a'])
    expect(titlesOf(moveBlock(DRAFT, 2, 0))).toEqual(['c', 'a', 'b'])
    for (const [from, to] of [
      [0, -1],
      [2, 3],
      [1, 1],
      [3, 0],
    ] as const)
      expect(moveBlock(DRAFT, from, to)).toBe(DRAFT)
  })

  test('gives each added block a key that none has, and takes no more than a report may have', () => {
    const added = addBlock(removeBlock(DRAFT, 0), block('d'))
    expect(titlesOf(added)).toEqual(['b', 'c', 'd'])
    expect(new Set(added.blocks.map(({ key }) => key)).size).toBe(3)
    let draft = emptyDraft('UTC')
    for (let count = 0; count < REPORT_LIMITS.blocks; count++) {
      expect(isFull(draft)).toBe(false)
      draft = addBlock(draft, block(String(count)))
    }
    expect(isFull(draft)).toBe(true)
    expect(addBlock(draft, block('one more'))).toBe(draft)
  })

  test('has the mistakes at the blocks that they are about, also after the blocks have moved', () => {
    const { blocks, others } = mistakesIn(DRAFT, [
      { path: 'name', message: 'Too long.' },
      { path: 'blocks[1].body.metrics[0]', message: 'Unknown.' },
      { path: 'blocks[1].title', message: 'Blank.' },
      { path: 'blocks[7].title', message: 'Of no block.' },
    ])
    const moved = moveBlock(DRAFT, 1, 0)
    expect(blocks.get(moved.blocks[0]!.key)).toEqual([
      { path: 'body.metrics[0]', message: 'Unknown.' },
      { path: 'title', message: 'Blank.' },
    ])
    expect([...blocks.keys()]).toHaveLength(1)
    expect(others.map(({ path }) => path)).toEqual(['name', 'blocks[7].title'])
  })

  test('changes one block and keeps its key', () => {
    const changed = changeBlock(DRAFT, 1, { title: 'x', chart: 'bar' })
    expect(titlesOf(changed)).toEqual(['a', 'x', 'c'])
    expect(changed.blocks[1]!.key).toBe(DRAFT.blocks[1]!.key)
  })
})
