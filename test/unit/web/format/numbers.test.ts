import { afterEach, describe, expect, test } from 'bun:test'
import { describeChange } from '../../../../src/web/format/changes.ts'
import { csvParameters } from '../../../../src/web/format/csv-parameters.ts'
import { compareTexts, setLocale } from '../../../../src/web/format/locale.ts'
import { formatCompactCount, formatCount, formatRate, formatShare } from '../../../../src/web/format/numbers.ts'

afterEach(() => setLocale('en'))

test.each([
  ['en', ['1,234,567', '0.00%', '95.25%', '12.3K', '50%']],
  ['de-DE', ['1.234.567', '0,00\u00A0%', '95,25\u00A0%', '12.300', '50\u00A0%']],
  ['fr-FR', ['1\u202F234\u202F567', '0,00\u202F%', '95,25\u202F%', '12,3\u00A0k', '50\u202F%']],
])('numbers have the form of %s', (language, texts) => {
  setLocale(language)
  const formatted = [
    formatCount(1234567),
    formatRate(0),
    formatRate(95.25),
    formatCompactCount(12_300),
    formatShare(0.5),
  ]
  expect(formatted.map(withPlainSpaces)).toEqual(texts.map(withPlainSpaces))
})

/** Versions of the language data differ in the kind of space. */
function withPlainSpaces(text: string): string {
  return text.replaceAll(/\s/g, ' ')
}

test.each([
  [110, 100, 'count', undefined, 'Up 10.0%, from 100 before', '10.0%'],
  [90, 100, 'count', undefined, 'Down 10.0%, from 100 before', '10.0%'],
  [5000, 100, 'count', undefined, 'Up 4,900%, from 100 before', '4,900%'],
  [5, 0, 'count', undefined, 'Nothing before', 'new'],
  [7, 7, 'count', undefined, 'The same as before: 7', ''],
  [40.5, 42, 'rate', 10, 'Down 1.50 pts, from 42.00% before', '1.50 pts'],
  [40.5, 0, 'rate', 10, 'Up 40.50 pts, from 0.00% before', '40.50 pts'],
  [40.5, 0, 'rate', 0, 'Nothing before', 'new'],
] as const)('%d after %d (%s) is described as a change', (current, previous, kind, previousBase, sentence, amount) => {
  expect(describeChange({ current, previous, kind, previousBase })).toMatchObject({ sentence, amount })
})

describe('the order of texts', () => {
  const sorted = (texts: readonly string[]) => texts.toSorted(compareTexts)

  test('compares numbers by value and ignores case', () => {
    expect(sorted(['Campaign 10', 'campaign 2', 'Campaign 1'])).toEqual(['Campaign 1', 'campaign 2', 'Campaign 10'])
  })

  test('follows the language', () => {
    setLocale('sv')
    expect(sorted(['ö', 'z'])).toEqual(['z', 'ö'])
    setLocale('de')
    expect(sorted(['ö', 'z'])).toEqual(['ö', 'z'])
  })
})

const WITH_COMMA = { delimiter: 'semicolon', decimal: 'comma' }
test.each([
  ['de-DE', WITH_COMMA],
  ['fr', WITH_COMMA],
  ['en-GB', {}],
  ['de-CH', {}],
])('a CSV file for %s has the parameters %j', (language, parameters) => {
  expect(csvParameters(language)).toEqual(parameters)
})
