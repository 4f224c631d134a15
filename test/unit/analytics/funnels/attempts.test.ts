import { describe, expect, test } from 'bun:test'
import { AttemptFinder, type AttemptRules, EXCLUDED, NO_ATTEMPT } from '../../../../src/analytics/funnels/attempts.ts'

const RULES: AttemptRules = {
  order: 'ordered',
  stepCount: 3,
  windowMs: 100,
  range: { start: 0, end: 1_000 },
  until: 10_000,
  exclusions: [],
}

/** Events as a time with the letters of the steps that they match; `x` is an exclusion and `-` matches nothing. */
function eventsOf(text: string) {
  const parts = text.split(' ').map((part) => /^(\d+)([a-cx-]+)$/.exec(part)!)
  const bits = (letters: string, known: string) =>
    letters.split('').reduce((sum, letter) => (known.includes(letter) ? sum | (1 << known.indexOf(letter)) : sum), 0)
  return {
    times: parts.map(([, time]) => Number(time)),
    steps: parts.map(([, , letters]) => bits(letters!, 'abc')),
    exclusions: parts.map(([, , letters]) => bits(letters!, 'x')),
  }
}

function find(text: string, rules: Partial<AttemptRules> = {}): string {
  const events = eventsOf(text)
  const finder = new AttemptFinder({ ...RULES, ...rules })
  const level = finder.find(events, 0, events.times.length)
  if (level === NO_ATTEMPT) return 'none'
  return level === EXCLUDED ? 'excluded' : Array.from(finder.chosen.subarray(0, level), (at) => events.times[at]).join()
}

const excluding = { exclusions: [{ after: 0, before: 1 }] }

describe('the attempt of an entity that counts', () => {
  test.each<[string, string, Partial<AttemptRules>?]>([
    ['0a 1b 2c', '0,1,2'],
    // Equal times are progress, in the order of the events.
    ['5a 5b 5c', '5,5,5'],
    // The window includes its end.
    ['0a 50b 100c', '0,50,100'],
    ['0a 50b 101c', '0,50'],
    // A later attempt is deeper.
    ['0a 50b 60a 120b 140c', '60,120,140'],
    // Of equally deep ones, the earliest.
    ['0a 10a 20b', '0,20'],
    // One event fills one step.
    ['0ab 3c', '0'],
    ['0ab 1ab 3c', '0,1,3'],
    // An attempt starts in the range; the window may end behind it, and events after the instant do not count.
    ['1000a 1050b 1090c', '1000,1050,1090'],
    ['1001a 1002b', 'none'],
    ['0a 10b 20c', '0,10', { until: 19 }],
    ['0-', 'none'],
    ['0a 1- 2b', '0', { order: 'strict' }],
    ['0a 2b 2- 3c', '0,2', { order: 'strict' }],
    ['0a 1a 2b 3c', '1,2,3', { order: 'strict' }],
    ['0c 10b 20a', '0,10,20', { order: 'any' }],
    ['0c 10c 20b 101a', '10,20,101', { order: 'any' }],
    // The first event moves to the other step that it matches.
    ['0ab 1a 2c', '0,1,2', { order: 'any' }],
    ['0b 1b 2b', '0', { order: 'any' }],
    ['0a 5x 10b', 'excluded', excluding],
    // Strictly between, by time.
    ['0ax 10bx', '0,10', excluding],
    ['0a 10b 11x 12c', '0,10,12', excluding],
    // Only a reached step is behind an exclusion.
    ['0a 5x', '0', excluding],
    // Another attempt is not void.
    ['0a 5x 6a 10b', '6,10', excluding],
    // The attempt that starts later reaches one step.
    ['0b 5x 10a', '10', { ...excluding, order: 'any' }],
  ])('of %s is %s', (text, expected, rules = {}) => {
    expect(find(text, rules)).toBe(expected)
  })

  test('is found in as many steps as there are events', () => {
    const count = 200_000
    const times = Float64Array.from({ length: count }, (_, index) => index / 1_000)
    const steps = new Uint8Array(count).fill(1)
    const exclusions = new Uint8Array(count)
    steps[count - 1] = 2
    exclusions.fill(1, 0, count - 1)
    for (const order of ['ordered', 'any'] as const) {
      const finder = new AttemptFinder({ ...RULES, ...excluding, order, windowMs: 1_000_000 })
      const level = finder.find({ times, steps, exclusions }, 0, count)
      expect([order, level, finder.chosen[0]]).toEqual([order, 2, count - 2])
    }
  }, 10_000)
})
