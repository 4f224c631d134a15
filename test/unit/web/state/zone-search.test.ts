import { describe, expect, test } from 'bun:test'
import { FORMER_ZONE_NAMES } from '../../../../src/web/state/zone-names.ts'
import { formatOffset, listZones, offsetMinutesOf, searchZones } from '../../../../src/web/state/zone-search.ts'

const JANUARY = Date.parse('2026-01-15T12:00:00Z')
const JULY = Date.parse('2026-07-15T12:00:00Z')
// The browser lists some zones by their former names.
const SUPPORTED = [...Intl.supportedValuesOf('timeZone'), 'Asia/Calcutta', 'Europe/Kiev']
const ZONES = listZones(SUPPORTED, ['Europe/Berlin', 'UTC'])

const search = (typed: string, instant = JANUARY) => searchZones(typed, ZONES, (name) => offsetMinutesOf(name, instant))
const found = (typed: string, instant = JANUARY) => search(typed, instant).map(({ name }) => name)

describe('the zones to choose from', () => {
  test('begin with the preferred ones, and have each zone once, by its current name', () => {
    expect(ZONES.slice(0, 3)).toEqual(['Europe/Berlin', 'UTC', 'Africa/Abidjan'])
    expect(ZONES.length).toBeGreaterThan(400)
    expect(new Set(ZONES).size).toBe(ZONES.length)
    expect(ZONES.filter((name) => FORMER_ZONE_NAMES.includes(name))).toEqual([])
    expect(ZONES).toEqual(expect.arrayContaining(['Asia/Kolkata', 'Europe/Kyiv', 'America/New_York']))
  })

  test('prefer the current name of a zone that the browser knows by a former one', () => {
    expect(listZones(['Asia/Calcutta', 'UTC'], ['Asia/Calcutta', 'UTC'])).toEqual(['Asia/Kolkata', 'UTC'])
  })
})

describe('a search by name', () => {
  test.each([
    ['auckland', 'Pacific/Auckland'],
    ['AUCK', 'Pacific/Auckland'],
    ['new york', 'America/New_York'],
    ['york', 'America/New_York'],
    ['america/new_york', 'America/New_York'],
    ['São Paulo', 'America/Sao_Paulo'],
    ['  berlin ', 'Europe/Berlin'],
    ['utc', 'UTC'],
  ])('for %p finds %s first', (typed, zone) => expect(found(typed)[0]).toBe(zone))

  test('finds a zone by its former name, and says which one', () => {
    expect(search('kiev')).toEqual([{ name: 'Europe/Kyiv', formerName: 'Europe/Kiev' }])
    expect(search('calcutta')).toEqual([{ name: 'Asia/Kolkata', formerName: 'Asia/Calcutta' }])
    expect(search('kolkata')).toEqual([{ name: 'Asia/Kolkata' }])
  })

  test('lists a city before other parts of names', () => {
    expect(found('paris')).toEqual(['Europe/Paris'])
    // A city of that name, the start of a city, the start of a word, a part of a word.
    const names = ['Africa/Rome_South', 'Asia/Jerome', 'Asia/Port_Rome', 'Europe/Rome']
    expect(searchZones('rome', names, () => 0).map(({ name }) => name)).toEqual([
      'Europe/Rome',
      'Africa/Rome_South',
      'Asia/Port_Rome',
      'Asia/Jerome',
    ])
  })

  test('finds a zone that the list does not have by its full name', () => {
    expect(searchZones('us/pacific', ['UTC'], () => 0)).toEqual([{ name: 'US/Pacific' }])
    expect(searchZones('pacific', ['UTC'], () => 0)).toEqual([])
  })

  test.each(['nowhere', 'Mars/Base', '(', '5', '+', '.*'])('for %p finds nothing', (typed) =>
    expect(search(typed)).toEqual([]),
  )
})

describe('a search by offset', () => {
  test.each(['UTC+05:30', 'utc+5:30', 'GMT+5:30', '+05:30', '+5:30', '+0530', ' + 5:30', '+5:3'])(
    'for %p finds the zones of that offset',
    (typed) => expect(found(typed)).toEqual(['Asia/Colombo', 'Asia/Kolkata']),
  )

  test('of an hour finds all offsets of that hour, the whole hour first', () => {
    const zones = found('+5')
    expect(zones).toEqual(expect.arrayContaining(['Asia/Tashkent', 'Asia/Kolkata', 'Asia/Kathmandu']))
    expect(zones.indexOf('Asia/Tashkent')).toBeLessThan(zones.indexOf('Asia/Kolkata'))
    expect(zones.indexOf('Asia/Kolkata')).toBeLessThan(zones.indexOf('Asia/Kathmandu'))
    expect(zones).not.toContain('America/New_York')
    expect(found('+1')).not.toContain('Asia/Tokyo')
  })

  test.each(['-3:30', '−03:30', 'UTC-3:30'])('%p is west of UTC', (typed) => {
    expect(found(typed)).toEqual(['America/St_Johns'])
  })

  test('means the current offset', () => {
    expect([found('+1', JANUARY), found('+2', JULY)].every((zones) => zones.includes('Europe/Berlin'))).toBe(true)
    expect([found('+2', JANUARY), found('+1', JULY)].some((zones) => zones.includes('Europe/Berlin'))).toBe(false)
  })

  test('of zero has no sign', () => {
    for (const typed of ['+0', '-0', 'UTC+00:00']) expect(found(typed)).toContain('UTC')
  })
})

test.each([
  ['UTC', 'UTC+00:00'],
  ['Asia/Kathmandu', 'UTC+05:45'],
  ['America/St_Johns', 'UTC−03:30'],
  ['Pacific/Kiritimati', 'UTC+14:00'],
])('the offset of %s is %s', (zone, offset) => expect(formatOffset(offsetMinutesOf(zone, JANUARY))).toBe(offset))
