import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { csvText, type CsvStyle, writeCsv } from '../../../../src/http/export/csv.ts'
import { TimeSlices } from '../../../../src/base/event-loop-yielding.ts'
import { parseCsv, withoutGuards } from '../../../support/http/csv.ts'

const MARK = '\uFEFF'

describe('a CSV file', () => {
  test('is a line of names and a line a row, each with its end', () => {
    expect(csvText(['name', 'sent'], [['Spring', 5]])).toBe(`${MARK}name,sent\r\nSpring,5\r\n`)
    expect(csvText(['name', 'sent'], [])).toBe(`${MARK}name,sent\r\n`)
  })

  test('quotes what would be read as more than one field, or less', () => {
    const texts = ['a,b', 'say "hi"', 'two\r\nlines', 'a;b', ' edge', 'a b']
    expect(csvText(['x'], [texts]).split('x\r\n')[1]).toBe('"a,b","say ""hi""","two\r\nlines","a;b"," edge",a b\r\n')
  })

  test('never touches a number', () => {
    expect(csvText(['a', 'b', 'c'], [[-1, 33.33, 9_007_199_254_740_991]])).toEndWith(
      '\r\n-1,33.33,9007199254740991\r\n',
    )
  })

  test.each<[CsvStyle, string]>([
    [{ delimiter: 'semicolon', decimal: 'comma' }, 'x;33,33;1000;"a,b"\r\n'],
    [{ delimiter: 'tab', decimal: 'point' }, 'x\t33.33\t1000\t"a,b"\r\n'],
    // A separator in a field must not split it.
    [{ delimiter: 'comma', decimal: 'comma' }, 'x,"33,33",1000,"a,b"\r\n'],
    [{ delimiter: 'semicolon', decimal: 'point' }, 'x;33.33;1000;"a,b"\r\n'],
  ])('is separated as it was asked for: %j', (style, line) => {
    expect(csvText([], [['x', 33.33, 1_000, 'a,b']], style)).toEndWith(`\r\n${line}`)
  })

  test('of many rows is the same as of few, piece by piece', async () => {
    const column = { key: 'n', heading: 'N', kind: 'number' } as const
    const rows = Array.from({ length: 1_234 }, (_, index) => [index])
    const pieces: string[] = []
    const style: CsvStyle = { delimiter: 'comma', decimal: 'point' }
    for await (const piece of writeCsv({ name: 't', columns: [column], rows }, style, new TimeSlices()))
      pieces.push(piece)
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.join('')).toBe(csvText(['n'], rows))
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
        const file = csvText(columns, rows)
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
