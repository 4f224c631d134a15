import { expect, test } from 'bun:test'
import { readOptions } from '../../../../src/cli/simulate/options.ts'

const dayMs = 86_400_000

function read(line: string) {
  return readOptions(
    line
      .split(' ')
      .filter(Boolean)
      .map((flag) => {
        const [name = '', value] = flag.split('=')
        return { name, value }
      }),
    [],
  )
}

test('starts gently without any option: a live minute, no history', () => {
  const options = { ratePerSecond: 200, tenantCount: 20, liveMs: 60_000, backfill: undefined, seed: 7 }
  expect(read('')).toEqual({ options })
})

test.each([
  ['24h', dayMs, 4_000],
  ['90d', 90 * dayMs, 360_000],
  ['12w', 84 * dayMs, 336_000],
  ['728d', 728 * dayMs, 2_000_000],
])('a history of %s alone has no live part and the usual number of events', (span, spanMs, eventCount) => {
  expect(read(`backfill=${span}`)).toMatchObject({ options: { liveMs: undefined, backfill: { spanMs, eventCount } } })
})

test('goes on live after a history when a duration is given, for ever with 0', () => {
  expect(read('backfill=24h duration=5 backfill-events=12')).toMatchObject({
    options: { liveMs: 5_000, backfill: { eventCount: 12 } },
  })
  expect(read('duration=0')).toMatchObject({ options: { liveMs: Infinity } })
})

test('names every problem at once', () => {
  const result = readOptions(
    [
      { name: 'speed', value: '1' },
      { name: 'rate', value: '0' },
      { name: 'tenants', value: 'many' },
      { name: 'duration', value: '-1' },
      { name: 'backfill-events', value: '10' },
      { name: 'seed', value: undefined },
    ],
    ['90d'],
  )
  expect(result).toEqual({
    problems: [
      '"90d" is not an option',
      '--speed is not an option',
      '--seed needs a value',
      '--rate must be a whole number from 1 to 100000, not "0"',
      '--tenants must be a whole number from 1 to 10000, not "many"',
      '--duration must be a whole number from 0 to 31536000, not "-1"',
      '--backfill-events needs --backfill',
    ],
  })
})

test.each(['0d', '729d', '3m', '90', 'd', '-1d', '1.5d'])('refuses a history of %s', (span) => {
  const result = read(`backfill=${span}`)
  expect('problems' in result && result.problems).toEqual([
    `--backfill must be hours, days or weeks up to 728 days, as in 24h, 90d or 12w, not "${span}"`,
  ])
})
