import { describe, expect, test } from 'bun:test'
import { PLAIN_CSV } from '../../../../src/http/export/csv.ts'
import { csvOfBlocks } from '../../../../src/http/reports/report-file.ts'
import { sheetNamesOf } from '../../../../src/http/reports/sheet-names.ts'
import type { BlockRun } from '../../../../src/reports/ports.ts'

const run = (title: string, rows: BlockRun['table']['rows']): BlockRun => ({
  title,
  kind: 'query',
  chart: 'table',
  data: {},
  table: {
    columns: [
      { key: 'campaign', heading: 'Campaign', kind: 'text' },
      { key: 'sent', heading: 'Sent', kind: 'number' },
    ],
    rows,
  },
  rowLimit: undefined,
})

describe('a report as CSV', () => {
  const first = run('By campaign', [
    { campaign: '=HYPERLINK("x")', sent: 3 },
    { campaign: null, sent: 0.5 },
  ])

  test('of one block is its table', () => {
    expect(csvOfBlocks([first], PLAIN_CSV)).toBe('\uFEFFcampaign,sent\r\n"\'=HYPERLINK(""x"")",3\r\n,0.5\r\n')
  })

  test('of several has the title of each in a line before it', () => {
    const text = csvOfBlocks([first, run('=1+1', [])], { delimiter: 'semicolon', decimal: 'comma' })
    expect(text.split('\r\n')).toEqual([
      '\uFEFFBy campaign',
      'campaign;sent',
      '"\'=HYPERLINK(""x"")";3',
      ';0,5',
      '',
      "'=1+1",
      'campaign;sent',
      '',
    ])
  })

  test('a title that is a formula is none in the first line either', () => {
    expect(csvOfBlocks([run('=1+1', []), first], PLAIN_CSV)).toStartWith("\uFEFF'=1+1\r\n")
  })
})

describe('the sheets of a report', () => {
  test('have valid names, each another one', () => {
    const titles = [
      'Campaigns',
      'campaigns',
      'a/b:c[d]*?\\',
      "'quoted'",
      '???',
      'About',
      'history',
      'x'.repeat(40),
      'x'.repeat(40),
      `${'y'.repeat(30)}😀`,
    ]
    const names = sheetNamesOf(titles)
    expect(names).toEqual([
      'Campaigns',
      'campaigns (2)',
      'a b c d',
      'quoted',
      'Block',
      'About (2)',
      'history (2)',
      'x'.repeat(31),
      `${'x'.repeat(27)} (2)`,
      'y'.repeat(30),
    ])
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(titles.length)
  })
})
