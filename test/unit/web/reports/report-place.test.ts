import { describe, expect, test } from 'bun:test'
import {
  formatPlace,
  isReportShown,
  NEW,
  parsePlace,
  type ReportPlace,
} from '../../../../src/web/reports/report-place.ts'

const ADDED = { title: 'A', kind: 'query', body: { metrics: ['messages'] }, chart: 'line' } as const

describe('a place in the view of reports', () => {
  test.each<ReportPlace>([
    { page: 'report' },
    { page: 'wall' },
    { page: 'edit' },
    { page: 'edit', add: ADDED },
    { page: 'versions' },
    { page: 'versions', version: 3 },
    { page: 'schedules' },
    { page: 'schedules', schedule: 'some-id' },
  ])('%j is the same after it was read', (place) => expect(parsePlace(formatPlace(place))).toEqual(place))

  test('is the report where the address holds anything else', () => {
    for (const text of [undefined, '', 'null', '[]', '{', '{"page":"elsewhere"}'])
      expect(parsePlace(text)).toEqual({ page: 'report' })
    expect(parsePlace(JSON.stringify({ page: 'edit', add: { title: 'A' } }))).toEqual({ page: 'edit' })
    expect(parsePlace('{"page":"versions","version":"x"}')).toEqual({ page: 'versions' })
  })

  test('has a file only where the numbers of a stored report are shown', () => {
    expect(isReportShown({ id: 'some-id', definition: undefined })).toBe(true)
    expect(isReportShown({ id: undefined, definition: undefined })).toBe(false)
    expect(isReportShown({ id: NEW, definition: undefined })).toBe(false)
    expect(isReportShown({ id: 'some-id', definition: formatPlace({ page: 'edit' }) })).toBe(false)
  })
})
