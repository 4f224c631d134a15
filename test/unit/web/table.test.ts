import { describe, expect, test } from 'bun:test'
import { isColumnShown, parseColumnChoice } from '../../../src/web/components/table/column-choice.ts'
import { rowAfterKey, rowRangeAt, withPinnedRow } from '../../../src/web/components/table/row-window.ts'
import { repeatedTexts, searchableText, searchRows } from '../../../src/web/components/table/search-rows.ts'
import { nextSorting, sortRows } from '../../../src/web/components/table/sort-rows.ts'

describe('the order of rows', () => {
  type Row = readonly [id: string, value: string | number | null]
  const idsOf = (rows: readonly Row[]) => rows.map(([id]) => id).join('')
  const sort = (rows: readonly Row[], direction: 'ascending' | 'descending') =>
    idsOf(sortRows(rows, { value: ([, value]) => value }, direction))

  test('is that of the numbers, and rows without data are last in both directions', () => {
    const rows: Row[] = [
      ['a', 10],
      ['b', null],
      ['c', 9],
      ['d', 100],
      ['e', 0],
    ]
    expect(sort(rows, 'descending')).toBe('daceb')
    expect(sort(rows, 'ascending')).toBe('ecadb')
  })

  test('keeps equal rows as they were, in both directions', () => {
    const rows: Row[] = [
      ['a', 1],
      ['b', 2],
      ['c', 1],
      ['d', 2],
    ]
    expect(sort(rows, 'descending')).toBe('bdac')
    expect(sort(rows, 'ascending')).toBe('acbd')
  })

  test('of names follows the language and the numbers inside them', () => {
    const rows: Row[] = [
      ['a', 'Step 10'],
      ['b', 'zebra'],
      ['c', 'Step 9'],
      ['d', 'Éclair'],
      ['e', 'eclipse'],
    ]
    expect(sort(rows, 'ascending')).toBe('decab')
  })

  test('leaves the rows of the service untouched', () => {
    const rows: readonly Row[] = Object.freeze([['a', 1] as const, ['b', 2] as const])
    expect(sort(rows, 'descending')).toBe('ba')
    expect(idsOf(rows)).toBe('ab')
  })

  test.each([
    ['count', 'descending', 'ascending'],
    ['rate', 'descending', 'ascending'],
    ['time', 'descending', 'ascending'],
    ['name', 'ascending', 'descending'],
    ['label', 'ascending', 'descending'],
  ] as const)('of a column of kind %s is first %s, then %s', (kind, first, second) => {
    const other = { columnId: 'other', direction: first }
    const once = nextSorting(other, { id: 'x', kind })
    expect(once).toEqual({ columnId: 'x', direction: first })
    expect(nextSorting(once, { id: 'x', kind })).toEqual({ columnId: 'x', direction: second })
  })
})

describe('a search', () => {
  const rows = ['Été à Montréal\ncmp-1', 'Summer in Toronto\ncmp-2', 'مرحبا بالعالم\ncmp-31', 'ﬁnal offer\ncmp-4']
  test.each([
    ['', [0, 1, 2, 3]],
    ['  ', [0, 1, 2, 3]],
    ['ETE', [0]],
    ['montreal été', [0]],
    ['montréal toronto', []],
    ['cmp-3', [2]],
    ['بالعالم', [2]],
    ['final', [3]],
    ['cmp mm', [1]],
  ])('for %j finds the rows %j', (typed, found) => {
    expect(searchRows(rows, typed, searchableText)).toEqual(found.map((index) => rows[index]!))
  })

  test('marks only names that stand in more than one row', () => {
    expect([...repeatedTexts(['a', 'b', 'a', 'c', 'b', 'a'])].toSorted()).toEqual(['a', 'b'])
    expect(repeatedTexts(['a', 'b']).size).toBe(0)
  })
})

describe('the rows that exist', () => {
  const at = (scrollTop: number, rowCount = 1000) =>
    rowRangeAt({ scrollTop, viewportHeight: 600, rowHeight: 40, rowCount })

  test('include all visible ones at every position of a long table', () => {
    for (let scrollTop = 0; scrollTop <= 40_000 - 600; scrollTop += 7) {
      const { start, end } = at(scrollTop)
      expect(start * 40).toBeLessThanOrEqual(scrollTop)
      expect(end * 40).toBeGreaterThanOrEqual(scrollTop + 600)
      expect(end - start).toBeLessThan(70)
    }
  })

  test('are the same for small movements, so that these draw nothing', () => {
    expect(at(4_000)).toEqual(at(4_080))
  })

  test('are within the table, also while the browser scrolls beyond its ends', () => {
    expect(at(-80).start).toBe(0)
    expect(at(1_000_000)).toMatchObject({ end: 1000 })
    expect(at(1_000_000).start).toBeLessThan(1000)
    expect(at(20_000, 3)).toEqual({ start: 0, end: 3 })
    expect(at(0, 0)).toEqual({ start: 0, end: 0 })
  })

  test('include the row with the focus, wherever it is', () => {
    const range = { start: 100, end: 140 }
    expect(withPinnedRow(range, undefined)).toEqual([range])
    expect(withPinnedRow(range, 120)).toEqual([range])
    expect(withPinnedRow(range, 3)).toEqual([{ start: 3, end: 4 }, range])
    expect(withPinnedRow(range, 140)).toEqual([range, { start: 140, end: 141 }])
  })

  test.each([
    ['ArrowDown', 5, 6],
    ['ArrowDown', 99, 99],
    ['ArrowUp', 0, 0],
    ['PageDown', 5, 25],
    ['PageUp', 5, 0],
    ['Home', 50, 0],
    ['End', 50, 99],
    ['Enter', 50, undefined],
  ])('the key %s leads from row %d to %p', (key, current, target) => {
    expect(rowAfterKey(key, current, 100, 20)).toBe(target)
  })
})

describe('the choice of columns', () => {
  const shown = (stored: string | null) => {
    const choice = parseColumnChoice(stored)
    return [{ id: 'name' }, { id: 'sent' }, { id: 'bounced', isOptional: true }]
      .filter((column, index) => isColumnShown(column, index, choice))
      .map(({ id }) => id)
  }
  test.each([
    [null, ['name', 'sent']],
    ['{}', ['name', 'sent']],
    ['{"sent":false,"bounced":true}', ['name', 'bounced']],
    ['{"name":false}', ['name', 'sent']],
    ['{"gone":true,"sent":"no"}', ['name', 'sent']],
    ['null', ['name', 'sent']],
    ['[true]', ['name', 'sent']],
  ])('stored as %j shows %j', (stored, columns) => expect(shown(stored)).toEqual(columns))
})
