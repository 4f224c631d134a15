import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { Type } from '@sinclair/typebox'
import { columnsOf } from '../../../../src/http/export/columns.ts'
import type { Cell, Table } from '../../../../src/http/export/tables.ts'
import { writeWorkbook } from '../../../../src/http/export/xlsx/workbook.ts'
import { TimeSlices } from '../../../../src/base/event-loop-yielding.ts'
import { withoutGuards } from '../../../support/http/csv.ts'
import { readWorkbook, unzip } from '../../../support/http/xlsx.ts'

const WRITTEN_AT = new Date('2026-01-29T06:30:15Z')

async function workbook(tables: readonly Table[], timezone = 'UTC'): Promise<Uint8Array> {
  const chunks = await Array.fromAsync(
    writeWorkbook(tables, { timezone, modified: WRITTEN_AT, slices: new TimeSlices() }),
  )
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

const textTable = (name: string, headings: readonly string[], rows: readonly (readonly Cell[])[]): Table => ({
  name,
  columns: headings.map((heading) => ({ key: heading, heading, kind: 'text' })),
  rows,
})
const write = (rows: readonly (readonly Cell[])[], headings = rows[0]?.map((_, index) => `c${index}`) ?? ['c0']) =>
  workbook([textTable('trend', headings, rows)])

describe('a workbook', () => {
  test('has a sheet a table, in order, with a bold first row', async () => {
    const tables = ['summary', 'trend'].map((name) => textTable(name, ['date', 'sent'], [['2026-01-31', 5]]))
    const rows = [
      ['date', 'sent'],
      ['2026-01-31', 5],
    ]
    expect(readWorkbook(await workbook(tables))).toEqual(
      ['summary', 'trend'].map((name) => ({ name, rows, boldHeaders: 2, formats: [undefined, undefined] })),
    )
  })

  test('keeps the names where a table has no rows', async () => {
    expect(readWorkbook(await write([], ['name', 'sent']))[0]?.rows).toEqual([['name', 'sent']])
  })

  test('contains a table of any length and with many columns', async () => {
    const rows = Array.from({ length: 2_500 }, (_, index) => Array.from({ length: 30 }).fill(index) as number[])
    const [sheet] = readWorkbook(await write(rows))
    expect(sheet!.rows.slice(1)).toEqual(rows)
    expect(unzip(await write(rows)).get('xl/worksheets/sheet1.xml')).toContain('<c r="AD2501">')
  })

  test('has readable headings, local days and times as dates, and percentages with the values of the API', async () => {
    const item = Type.Object({
      campaignId: Type.String(),
      timestamp: Type.String({ format: 'date-time' }),
      date: Type.String(),
      avgOpenRate: Type.Number({ unit: 'percent' }),
      messageCount: Type.Integer(),
    })
    // Midnight in Berlin, in winter.
    const row = ['c-1', '2026-10-28T23:00:00Z', '2026-10-29', 33.33, 1_000]
    const sheetOf = async (granularity: 'day' | 'hour') => {
      const table = { name: 'campaigns', columns: columnsOf(item, granularity), rows: [row] }
      return readWorkbook(await workbook([table], 'Europe/Berlin'))[0]!
    }
    // Days since 30 December 1899: 29 October 2026 is 46,324.
    const days = await sheetOf('day')
    expect(days.rows).toEqual([
      ['Campaign ID', 'Timestamp', 'Date', 'Average open rate', 'Message count'],
      ['c-1', 46_324, 46_324, 33.33, 1_000],
    ])
    expect(days.formats).toEqual([undefined, 'yyyy-mm-dd', 'yyyy-mm-dd', '0.00"%"', undefined])
    const hours = await sheetOf('hour')
    expect([hours.rows[1]![1], hours.formats[1]]).toEqual([46_324, 'yyyy-mm-dd hh:mm'])
  })

  test('contains the time at which its numbers were read instead of its creation time', async () => {
    const properties = unzip(await write([[1]])).get('docProps/core.xml')
    expect(properties?.match(/\d{4}-\d\d-\d\dT[\d:]+Z/g)).toEqual(['2026-01-29T06:30:15Z', '2026-01-29T06:30:15Z'])
  })

  test('contains names as complete texts that other cells would change', async () => {
    const names = [
      '#N/A',
      '#REF!',
      '#DIV/0!',
      '\u000B',
      'a\rb',
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

  test('escapes no text that needs no escape, because openpyxl does not decode it', async () => {
    const names = ['#N/A', '#REF!', '_x0041_', 'a\rb']
    const xml = unzip(await write([names])).get('xl/sharedStrings.xml')!
    const texts = [...xml.matchAll(/<t [^>]*>(.*?)<\/t>/g)].map(([, text]) => text)
    expect(texts.slice(-4)).toEqual(['#N/A', '#REF!', '_x005F_x0041_', 'a&#13;b'])
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
