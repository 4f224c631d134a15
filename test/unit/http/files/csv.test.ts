import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { writeCsv } from '../../../../src/http/files/csv.ts'
import { parseCsv, withoutGuards } from '../../../support/csv.ts'

const MARK = '\uFEFF'

describe('a CSV file', () => {
  test('is a line of names and a line a row, each with its end', () => {
    expect(writeCsv({ columns: ['name', 'sent'], rows: [['Spring', 5]] })).toBe(`${MARK}name,sent\r\nSpring,5\r\n`)
    expect(writeCsv({ columns: ['name', 'sent'], rows: [] })).toBe(`${MARK}name,sent\r\n`)
  })

  test('quotes what would be read as more than one field, or less', () => {
    const texts = ['a,b', 'say "hi"', 'two\r\nlines', 'a;b', ' edge', 'a b']
    expect(writeCsv({ columns: ['x'], rows: [texts] }).split('x\r\n')[1]).toBe(
      '"a,b","say ""hi""","two\r\nlines","a;b"," edge",a b\r\n',
    )
  })

  test('never touches a number', () => {
    expect(writeCsv({ columns: ['a', 'b', 'c'], rows: [[-1, 33.33, 9_007_199_254_740_991]] })).toEndWith(
      '\r\n-1,33.33,9007199254740991\r\n',
    )
  })

  test('is read back as what was written, whatever the names and numbers are', () => {
    const pieces = fc.constantFrom(...Array.from(`=+-@;,'" \t\r\n＝a1`))
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: pieces }))
    const number = fc.oneof(
      fc.nat(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    )
    const table = fc.integer({ min: 2, max: 6 }).chain((width) => {
      const row = <T>(cell: fc.Arbitrary<T>) => fc.array(cell, { minLength: width, maxLength: width })
      return fc.record({ columns: row(text), rows: fc.array(row(fc.oneof(text, number)), { maxLength: 8 }) })
    })
    fc.assert(
      fc.property(table, ({ columns, rows }) => {
        const file = writeCsv({ columns, rows })
        const [names, ...lines] = parseCsv(file.slice(MARK.length))
        expect(names!.map(withoutGuards)).toEqual(columns)
        const read = lines.map((line, y) =>
          line.map((field, x) => (typeof rows[y]![x] === 'number' ? Number(field) : withoutGuards(field))),
        )
        expect(read).toEqual(rows)
      }),
      { numRuns: 300 },
    )
  }, 20_000)
})
