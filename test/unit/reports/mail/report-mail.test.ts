import { describe, expect, test } from 'bun:test'
import { HtmlValidate } from 'html-validate'
import { isEmptyRun, reportMail } from '../../../../src/reports/mail/report-mail.ts'
import type { BlockColumn, BlockRun } from '../../../../src/reports/ports.ts'

const FORMULA = '=HYPERLINK("http://evil.example/","<img src=http://evil.example/x>")'
const text = (key: string, heading: string): BlockColumn => ({ key, heading, kind: 'text' })
const number = (key: string, heading: string): BlockColumn => ({ key, heading, kind: 'number' })

function block(given: Partial<BlockRun> & Pick<BlockRun, 'title' | 'table'>): BlockRun {
  return { kind: 'query', chart: 'table', data: {}, rowLimit: undefined, ...given }
}

const campaigns = block({
  title: 'By <campaign>',
  table: {
    columns: [text('campaignId', 'Campaign ID'), text('campaign', 'Campaign'), number('sent', 'Sent')],
    rows: [
      { campaignId: 'cmp-1', campaign: FORMULA, sent: 397 },
      { campaignId: 'cmp-2', campaign: 'two\r\nlines', sent: 0 },
      { campaignId: null, campaign: null, sent: 1 },
    ],
  },
})
const days = block({
  title: 'Messages',
  kind: 'dashboard',
  chart: 'line',
  totals: { columns: [number('sent', 'Sent')], rows: [{ sent: 4321 }] },
  table: {
    columns: [
      { key: 'timestamp', heading: 'Timestamp', kind: 'day' },
      ...Array.from({ length: 30 }, (_, index) => number(`n${index}`, `Number ${index}`)),
    ],
    rows: Array.from({ length: 40 }, (_, index) => ({
      timestamp: new Date(Date.UTC(2026, 9, 1 + index) - 19_800_000).toISOString(),
      n0: index,
    })),
  },
})
const single = block({
  title: 'Launch',
  chart: 'number',
  table: {
    columns: [number('sent', 'Sent'), { key: 'rate', heading: 'Rate', kind: 'percentage' }],
    rows: [{ sent: 12, rate: 41.25 }],
  },
})
const empty = block({ title: 'Nothing', table: { columns: [number('sent', 'Sent')], rows: [] } })

function mailOf(blocks: readonly BlockRun[], isTest = false) {
  return reportMail({
    report: { name: 'Weekly <b>numbers</b>', description: 'first line\r\nsecond\u0000& last' },
    run: { asOf: Date.parse('2026-11-28T20:00Z'), timezone: 'Asia/Kolkata', blocks },
    timezone: 'Asia/Kolkata',
    isTest,
    pageUrl: 'https://stats.example/dashboard',
    unsubscribeUrl: 'https://stats.example/unsubscribe/a.b',
  })
}

describe('the mail of a report', () => {
  const mail = mailOf([campaigns, days, single, empty])

  test('is named after the report and its local date', () => {
    expect(mail.subject).toBe('Weekly <b>numbers</b> – 2026-11-29')
    expect(mailOf([single], true).subject).toBe('[Test] Weekly <b>numbers</b> – 2026-11-29')
    expect(mail.html).toContain('Data as of 2026-11-29, 01:30 (Asia/Kolkata).')
  })

  test('is HTML that a checker accepts', async () => {
    const checker = new HtmlValidate({
      extends: ['html-validate:recommended'],
      // Some mail programs drop style sheets and read the width of cells from attributes only.
      rules: { 'no-inline-style': 'off', 'no-deprecated-attr': 'off' },
    })
    for (const { html } of [mail, mailOf([days], true)]) {
      const { results } = await checker.validateString(html)
      expect(results.flatMap(({ messages }) => messages.map(({ message, line }) => `${line}: ${message}`))).toEqual([])
    }
    const broken = await checker.validateString(mail.html.replace('</h1>', ''))
    expect(broken.valid).toBe(false)
  })

  test('loads nothing, and shows names as text', () => {
    expect(mail.html).not.toMatch(/<(?:img|script|link|iframe|object|svg)\b|<[^>]*\bsrc\s*=|\burl\(|@import/i)
    expect(mail.html).toContain('=HYPERLINK(&quot;http://evil.example/&quot;,&quot;&lt;img src=')
    expect(mail.html).not.toContain('<b>numbers')
    expect(mail.html).toContain('two lines')
    const addresses = [...mail.html.matchAll(/href="([^"]*)"/g)].map(([, address]) => address)
    expect(addresses).toEqual(['https://stats.example/dashboard', 'https://stats.example/unsubscribe/a.b'])
  })

  test('has colours for dark mode', () => {
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">')
    const [, dark = ''] = /@media \(prefers-color-scheme:dark\)\{(.*)\}\n/.exec(mail.html) ?? []
    const classes = new Set([...mail.html.matchAll(/class="([^"]*)"/g)].flatMap(([, names = '']) => names.split(' ')))
    for (const name of classes) expect(dark).toContain(`.${name}{`)
  })

  test('shows the numbers, the totals, and the first rows and columns of a long table', () => {
    for (const content of [mail.html, mail.text]) {
      expect(content).toContain('397')
      expect(content).toContain('4321')
      expect(content).toContain('41.25 %')
      expect(content).toContain('No data.')
      expect(content).toContain('9 more rows are in the report.')
      expect(content).toContain('Number 6')
      expect(content).not.toContain('Number 7')
      // Where a name stands, its id is left out.
      expect(content).not.toContain('cmp-1')
    }
    // Days are those of the zone, and the largest number has the longest bar.
    expect(mail.text).toMatch(/^2026-10-01 +0 /m)
    expect(mail.html).toMatch(/>30<\/td>.*<td width="100%" class="bar"/)
    expect(mail.html).toMatch(/>15<\/td>.*<td width="50%" class="bar"/)
  })

  test('has a text without markup', () => {
    expect(mail.text).toContain('\nfirst line\nsecond & last\n')
    expect(mail.html).toContain('first line<br>second &amp; last')
    expect(mail.text).toContain('Weekly <b>numbers</b>\n=====================')
    expect(mail.text).not.toMatch(/<(?:td|table|div|style|p)\b/)
    expect(mail.text).toContain('https://stats.example/unsubscribe/a.b')
  })

  test('is empty when every number is 0', () => {
    expect(isEmptyRun([empty])).toBe(true)
    expect(isEmptyRun([empty, single])).toBe(false)
    const zeros = block({
      title: 'Zeros',
      table: {
        columns: [text('day', 'Day'), number('sent', 'Sent')],
        rows: [
          { day: '1', sent: 0 },
          { day: '2', sent: null },
        ],
      },
    })
    expect(isEmptyRun([zeros, empty])).toBe(true)
  })

  describe('with numbers that name a row', () => {
    const step = { ...number('step', 'Step'), isLabel: true } as const
    const rate: BlockColumn = { key: 'rate', heading: 'Rate', kind: 'percentage' }
    const steps = (counts: readonly number[], chart: BlockRun['chart'] = 'funnel') =>
      block({
        ...{ title: 'Steps', kind: 'funnel', chart },
        table: {
          columns: [step, number('count', 'Count'), rate],
          rows: counts.map((count, index) => ({ step: index + 1, count, rate: 100 - 50 * index })),
        },
      })

    test('is empty when nothing else is above 0', () => {
      const table = { columns: [step, number('count', 'Count')], rows: [{ step: 1, count: 0 }] }
      expect(isEmptyRun([block({ title: 'Steps', table })])).toBe(true)
      expect(isEmptyRun([steps([1])])).toBe(false)
    })

    test('draws what is measured: the count, and in a heat map the rate', () => {
      expect(mailOf([steps([80, 20])]).html).toMatch(/>20<\/td>.*<td width="25%" class="bar"/)
      expect(mailOf([steps([80, 20], 'heatmap')]).html).toMatch(/>20<\/td>.*<td width="50%" class="bar"/)
    })

    test('shows them beside no big number', () => {
      expect(mailOf([steps([80], 'number')]).html).not.toContain('Step</span>')
    })
  })
})
