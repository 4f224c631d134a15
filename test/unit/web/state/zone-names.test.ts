import { expect, test } from 'bun:test'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { parseViewState } from '../../../../src/web/state/view-state.ts'
import { currentZoneName, FORMER_ZONE_NAMES, resolveZoneName } from '../../../../src/web/state/zone-names.ts'

const NAMES = ['UTC', 'Asia/Kolkata', 'Europe/Kyiv', 'America/New_York', 'America/Indiana/Knox', 'Africa/Knox']

test.each([
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['asia/calcutta', 'Asia/Kolkata'],
  ['Kiev', 'Europe/Kyiv'],
  [' new york ', 'America/New_York'],
  ['indiana/knox', 'America/Indiana/Knox'],
  ['US/Pacific', 'US/Pacific'],
  ['knox', undefined],
  ['York', undefined],
  ['Mars/Base', undefined],
  ['  ', undefined],
])('the typed zone %p is %p', (typed, zone) => expect(resolveZoneName(typed, NAMES)).toBe(zone))

test('a former name is replaced by the current name of the same zone, in an address too', () => {
  expect(FORMER_ZONE_NAMES).toContain('Asia/Calcutta')
  const noons = [2, 8].map((month) => Date.UTC(2026, month - 1, 1, 12))
  for (const name of FORMER_ZONE_NAMES)
    expect(noons.map((noon) => findTimeZone(currentZoneName(name))!.offsetAt(noon))).toEqual(
      noons.map((noon) => findTimeZone(name)!.offsetAt(noon)),
    )
  expect(parseViewState('?zone=Asia/Calcutta', 'UTC').zone).toBe('Asia/Kolkata')
  expect(parseViewState('', 'Europe/Kiev').zone).toBe('Europe/Kyiv')
})
