import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { writeXlsx } from '../../../../src/http/files/xlsx.ts'
import { withoutGuards } from '../../../support/csv.ts'
import { readWorkbook, unzip } from '../../../support/xlsx.ts'

const WRITTEN_AT = new Date('2026-01-29T06:30:15Z')
const write = (rows: (string | number)[][], columns = rows[0]?.map((_, index) => `c${index}`) ?? ['c0']) =>
  writeXlsx([{ name: 'trend', columns, rows }], WRITTEN_AT)

describe('a workbook', () => {
  test('has a sheet a table, in order, with a bold first row', async () => {
    const tables = ['summary', 'trend'].map((name) => ({ name, columns: ['date', 'sent'], rows: [['2026-01-31', 5]] }))
    const sheets = readWorkbook(await writeXlsx(tables, WRITTEN_AT))
    const rows = [
      ['date', 'sent'],
      ['2026-01-31', 5],
    ]
    expect(sheets).toEqual(['summary', 'trend'].map((name) => ({ name, rows, boldHeaders: 2 })))
  })

  test('keeps the names where a table has no rows', async () => {
    expect(readWorkbook(await write([], ['name', 'sent']))[0]?.rows).toEqual([['name', 'sent']])
  })

  test('says when its numbers were read, and not when it was made', async () => {
    const properties = unzip(await write([[1]])).get('docProps/core.xml')
    expect(properties?.match(/\d{4}-\d\d-\d\dT[\d:]+Z/g)).toEqual(['2026-01-29T06:30:15Z', '2026-01-29T06:30:15Z'])
  })

  test('holds names that other cells would not: as texts, whole', async () => {
    const names = [
      '#N/A',
      '#DIV/0!',
      '#SALE',
      '_x0041_',
      '_x000D_',
      ' edge ',
      'two\r\nlines',
      '<b>&amp;</b>',
      '\u0001',
      '😀',
      'TRUE',
      '007',
    ]
    expect(readWorkbook(await write([names]))[0]?.rows[1]).toEqual(names)
  })

  test('has no formula, only texts that were guarded', async () => {
    const names = ['=1+1', '@SUM(A1)', '-5 %']
    expect(readWorkbook(await write([names]))[0]?.rows[1]).toEqual(names.map((name) => `'${name}`))
  })

  test('cuts off what Excel would not open', async () => {
    const [cell] = readWorkbook(await write([['x'.repeat(40_000)]]))[0]!.rows[1] as [string]
    expect([cell.length, cell.at(-1)]).toEqual([32_767, '…'])
  })

  test('is read back as what was written, whatever the names and numbers are', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }).map((value) => value.replace(/[\uFFFE\uFFFF]/g, '')),
      fc.string({ unit: fc.constantFrom(...Array.from(`=+-@;,'"<>&_x0041 \t\r\n#N/A!`)) }),
    )
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
    const row = fc.array(fc.oneof(text, number), { minLength: 3, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
        const [, ...read] = readWorkbook(await write(rows))[0]!.rows
        expect(
          read.map((cells) => cells.map((cell) => (typeof cell === 'string' ? withoutGuards(cell) : cell))),
        ).toEqual(rows)
      }),
      { numRuns: 60 },
    )
  }, 20_000)
})
