import { describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { DELIVERY_STATUSES } from '../../../../src/delivery/delivery.ts'
import { scheduleMistakes, ScheduleRequest } from '../../../../src/reports/schedule/schedule.ts'
import {
  draftOfSchedule,
  isSameSchedule,
  newSchedule,
  recipientsOf,
  runsOf,
  type ScheduleDraft,
  scheduleRequestOf,
} from '../../../../src/web/reports/schedules/schedule-draft.ts'
import { ENGLISH } from '../../../../src/web/reports/texts/en.ts'
import { runText } from '../../../../src/web/reports/schedules/schedule-text.ts'

const BERLIN = newSchedule('Europe/Berlin')
const WITH_RECIPIENT = { ...BERLIN, recipients: 'a@example.com' }
/** A Friday before the clocks of Berlin are set forward on Sunday, 29 March 2026. */
const FRIDAY = Date.parse('2026-03-27T12:00:00Z')
const instants = (draft: ScheduleDraft) => runsOf(draft, FRIDAY)!.map((run) => new Date(run).toISOString())

describe('a draft of a schedule', () => {
  test('reads addresses between commas, semicolons, spaces and lines', () => {
    expect(recipientsOf(' a@example.com, b@example.com;c@example.com\nd@example.com ')).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `${name}@example.com`),
    )
    expect(recipientsOf(' \n')).toEqual([])
  })

  test.each(['daily', 'weekly', 'monthly'] as const)(
    'makes a %s request that the service accepts, and reads it again',
    (kind) => {
      const draft: ScheduleDraft = { ...WITH_RECIPIENT, kind, day: 'last', attachments: ['csv'], skipIfEmpty: true }
      const request = scheduleRequestOf(draft, 'report-1')
      expect([...Value.Errors(ScheduleRequest, request)]).toEqual([])
      expect(scheduleMistakes(request)).toEqual([])
      const again = draftOfSchedule(request as Required<ScheduleRequest>)
      expect(scheduleRequestOf(again, 'report-1')).toEqual(request)
      expect(isSameSchedule(again, draft)).toBe(true)
      expect(isSameSchedule({ ...again, time: '09:00' }, draft)).toBe(false)
    },
  )

  test('runs at the local time of its zone, also after the clocks were changed', () => {
    expect(instants({ ...WITH_RECIPIENT, kind: 'daily', time: '08:30' })).toEqual([
      '2026-03-28T07:30:00.000Z',
      '2026-03-29T06:30:00.000Z',
      '2026-03-30T06:30:00.000Z',
    ])
  })

  test('has no next run while it is off, and none is known without a day or a time', () => {
    expect(runsOf({ ...BERLIN, enabled: false }, FRIDAY)).toEqual([])
    expect(runsOf({ ...BERLIN, weekdays: [] }, FRIDAY)).toBeUndefined()
    expect(runsOf({ ...BERLIN, time: '' }, FRIDAY)).toBeUndefined()
  })

  test('spells a run out in its zone', () => {
    const text = runText(Date.parse('2026-03-30T06:30:00Z'), 'Europe/Berlin')
    for (const part of ['Monday', 'March', '30', '2026', '08:30']) expect(text).toContain(part)
  })
})

test('every status of a delivery has a name and an explanation', () => {
  const { statuses, meanings } = ENGLISH.log
  expect(Object.keys(statuses).toSorted()).toEqual([...DELIVERY_STATUSES].toSorted())
  expect(Object.keys(meanings).toSorted()).toEqual([...DELIVERY_STATUSES].toSorted())
})
