import { describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { reportMistakes, type ReportRequest } from '../../../src/reports/report.ts'
import { scheduleMistakes, ScheduleRequest } from '../../../src/reports/schedule/schedule.ts'

const pathsOf = (mistakes: readonly { readonly path: string }[]) => mistakes.map(({ path }) => path)

describe('a report', () => {
  const report = (fields: Partial<ReportRequest>, title = 'Sent'): ReportRequest => ({
    name: 'Numbers',
    blocks: [{ title, kind: 'query', body: {}, chart: 'number' }],
    timezone: 'UTC',
    ...fields,
  })

  test.each<[ReportRequest, string[]]>([
    [report({}), []],
    [report({ name: '<b>ünïcode</b> — 数' }), []],
    [report({ name: 'a\r\nBcc: evil@example.com' }), ['name']],
    [report({ name: 'a\u0085b' }), ['name']],
    [report({ name: 'a\u2028b' }), ['name']],
    [report({ name: ' \t' }), ['name']],
    [report({ name: ' ' }), ['name']],
    [report({ timezone: 'Mars/Base' }), ['timezone']],
    [report({}, 'a\nb'), ['blocks[0].title']],
  ])('%j has mistakes at %j', (request, paths) => {
    expect(pathsOf(reportMistakes(request))).toEqual(paths)
  })
})

describe('a schedule', () => {
  const SCHEDULE: ScheduleRequest = {
    reportId: 'r',
    recipients: ['a@example.com'],
    every: { kind: 'daily', time: '08:30' },
    timezone: 'Europe/Berlin',
  }

  test.each<[Partial<ScheduleRequest>, string[]]>([
    [{}, []],
    [{ every: { kind: 'weekly', weekdays: ['monday', 'sunday'], time: '00:00' } }, []],
    [{ every: { kind: 'monthly', day: 'last', time: '23:59' } }, []],
    [{ every: { kind: 'weekly', time: '08:30' } }, ['every.weekdays']],
    [{ every: { kind: 'monthly', time: '08:30' } }, ['every.day']],
    [{ every: { kind: 'daily', day: 1, weekdays: ['monday'], time: '08:30' } }, ['every.weekdays', 'every.day']],
    [{ every: { kind: 'weekly', weekdays: ['monday', 'monday'], time: '08:30' } }, ['every.weekdays[1]']],
    [{ recipients: ['a@example.com', 'A@EXAMPLE.com'] }, ['recipients[1]']],
    [{ attachments: ['csv', 'csv'] }, ['attachments[1]']],
    [{ timezone: 'Mars/Base' }, ['timezone']],
    ...[
      'nobody',
      'a@example.com\r\nBcc: b@example.com',
      'a b@example.com',
      '@example.com',
      'a@',
      'A <a@example.com>',
      '.a@example.com',
      'a@-example.com',
      `${'l'.repeat(65)}@example.com`,
    ].map((address): [Partial<ScheduleRequest>, string[]] => [{ recipients: [address] }, ['recipients[0]']]),
  ])('with %j has mistakes at %j', (fields, paths) => {
    expect(pathsOf(scheduleMistakes({ ...SCHEDULE, ...fields }))).toEqual(paths)
  })

  test.each(['25:00', '24:00', '9:05', '09:5', '09:60', '09:00:00', ''])('does not run at %j', (time) => {
    const schedule = { ...SCHEDULE, every: { kind: 'daily', time } }
    expect([...Value.Errors(ScheduleRequest, schedule)].map(({ path }) => path)).toEqual(['/every/time'])
  })
})
