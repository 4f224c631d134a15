import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { guardFormulas } from '../../../../src/http/export/formula-guard.ts'
import { withoutGuards } from '../../../support/http/csv.ts'

describe('a text for a spreadsheet', () => {
  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\nx',
    '\tx',
    '＝1+1',
    '＋1',
    '－1',
    '＠SUM(A1)',
    '﹦1',
    ' =1',
    '\u00A0\u3000=1',
    '\u200B=1',
    '\u202E=1',
    '\uFEFF=1',
    '\u0000=1',
    '"=1',
    "'=1",
    '" "=1',
    '“=1”',
    '=HYPERLINK("http://x.test","Click")',
    "=cmd|' /C calc'!A0",
    '-5 % off',
  ])('that begins like a formula (%j) gets an apostrophe', (text) => {
    expect(guardFormulas(text)).toBe(`'${text}`)
  })

  test('gets one also where a semicolon would begin another cell', () => {
    expect(guardFormulas('Sale; =1+1;x;@y')).toBe("Sale;' =1+1;x;'@y")
  })

  test.each([
    '',
    'Black Friday',
    'a=b',
    'a-b',
    'me@x.test',
    '2026-01-31',
    '"quoted"',
    "it's",
    '😀',
    'שלום',
    'a; b',
    '#1',
  ])('that is harmless (%j) stays as it is', (text) => {
    expect(guardFormulas(text)).toBe(text)
  })

  test('can be had back exactly, whatever it is', () => {
    const pieces = fc.constantFrom(...Array.from(`=+-@;'" \t\r\n＝，a1\u200B`))
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: pieces, maxLength: 12 }))
    fc.assert(
      fc.property(text, (original) => {
        const guarded = guardFormulas(original)
        expect(guarded).not.toMatch(/(^|;)[\s"]*[=+\-@＝]|(^|;)[\t\r\n]/)
        expect(withoutGuards(guarded)).toBe(original)
      }),
      { numRuns: 500 },
    )
  }, 20_000)

  test('costs no more than reading it, however it is made', () => {
    const startedAt = performance.now()
    for (const piece of [' ', "'", '\t', ';', '; ', '\u200B']) guardFormulas(piece.repeat(1_000_000))
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  }, 20_000)
})
