import { expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { cutPage, type ListPosition, listQuery } from '../../../../src/analytics/query/list-page.ts'
import { ApiFailure } from '../../../../src/base/errors.ts'
import { compareIds } from '../../../support/oracle/counting.ts'

interface Item {
  readonly sent: number
  readonly id: string
}

const ORDER = { columns: [['sent', 'DESC']], idSql: 'id' } as const

/** What the store does with a list's query, in JavaScript. */
function rowsBehind(sorted: readonly Item[], rows: number, after: ListPosition | undefined): Item[] {
  const isBehind = ({ sent, id }: Item) =>
    !after || sent < after.order[0]! || (sent === after.order[0] && compareIds(id, after.idHead) > 0)
  return sorted.filter(isBehind).slice(0, rows)
}

/** Ids that are alike for about as long as a position holds them, and then are not. */
const id = fc
  .tuple(
    fc.integer({ min: 197, max: 201 }),
    fc.constantFrom('x', '😀'),
    fc.string({ unit: fc.constantFrom('a', 'z', '😀', '\0'), maxLength: 4 }),
  )
  .map(([length, unit, rest]) => unit.repeat(length) + rest)

test('pages hold every item once, in order, also where ids are alike for longer than a position holds', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ sent: fc.nat(2), id }), { maxLength: 30, selector: (item) => item.id }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
      (items, limits) => {
        const sorted = items.toSorted((a, b) => b.sent - a.sent || compareIds(a.id, b.id))
        const read: Item[] = []
        let after: readonly ListPosition[] | undefined
        for (let page = 0; page <= items.length; page++) {
          const list = listQuery({ limit: limits[page % limits.length]!, after }, ORDER)
          const { items: some, end } = cutPage(rowsBehind(sorted, list.rows, list.after), list, (item) => ({
            order: [item.sent],
            id: item.id,
          }))
          read.push(...some)
          if (!end.hasMore) break
          after = [end.position!]
        }
        expect(read).toEqual(sorted)
      },
    ),
    { numRuns: 500, seed: 11 },
  )
})

test('a place of another list is refused', () => {
  const after = [{ order: [1, 2], idHead: 'x', skipped: 0 }]
  expect(() => listQuery({ after }, ORDER)).toThrow(ApiFailure)
  expect(() => listQuery({ after: [] }, ORDER)).toThrow(ApiFailure)
})

test('the condition orders by each column, then by the id, and binds every value', () => {
  const after = [{ order: [3, 2], idHead: "o'x", skipped: 4 }]
  const columns = [
    ['opened', 'DESC'],
    ['sent', 'ASC'],
  ] as const
  const { afterSql: behindSql, parameters, rows } = listQuery({ limit: 5, after }, { columns, idSql: 'template' })
  expect(behindSql).toBe(
    '(opened < {after0_0:UInt64} OR (opened = {after0_0:UInt64} AND (sent > {after0_1:UInt64} OR (sent = {after0_1:UInt64} AND template > {after0_Id:String}))))',
  )
  expect(parameters).toEqual({ after0_0: 3, after0_1: 2, after0_Id: "o'x" })
  expect(rows).toBe(10)
})
