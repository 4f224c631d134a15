import { describe, expect, test } from 'bun:test'
import {
  ALERT_STATES,
  type AlertState,
  announcementOf,
  nextState,
  NORMAL,
  type StateRule,
} from '../../../src/alerts/judging/alert-state.ts'
import type { Verdict } from '../../../src/alerts/detectors/verdict.ts'
import { fc } from '../../support/base/properties.ts'

type Outcome = Verdict['outcome']
const RULE: StateRule = { for: 2, recoverAfter: 2, noData: 'keep' }
const OUTCOMES = { f: 'fires', c: 'clear', n: 'noData', t: 'tooFew' } as const

/** The states after each verdict: f fires, c is clear, n has no data, t has too few references. */
function statesOf(verdicts: string, rule: Partial<StateRule> = {}): string {
  let state: AlertState = NORMAL
  const names = verdicts.split('').map((letter) => {
    state = nextState(state, OUTCOMES[letter as keyof typeof OUTCOMES], { ...RULE, ...rule })
    return state.name[0]
  })
  return names.join('')
}

describe('the states of an alert', () => {
  // n normal, p pending, f firing, r recovering.
  test.each([
    ['fc', 'pn', {}],
    ['ffcfcc', 'pfrfrn', {}],
    ['fcfcf', 'pnpnp', {}],
    ['fcff', 'fnff', { for: 1, recoverAfter: 1 }],
    ['fffcccc', 'ppfrrnn', { for: 3, recoverAfter: 3 }],
    // Without a verdict nothing changes: two that fire with one of them in between are two in a row.
    ['fntf', 'pppf', {}],
    ['ffcnc', 'pfrrn', {}],
    ['ffnn', 'pfrn', { noData: 'ok' }],
    ['nn', 'pf', { noData: 'alert' }],
    ['tttt', 'nnnn', { noData: 'alert' }],
  ] as const)('%s gives %s', (verdicts, states, rule) => {
    expect(statesOf(verdicts, rule)).toBe(states)
  })

  const rules = fc.record({
    for: fc.integer({ min: 1, max: 5 }),
    recoverAfter: fc.integer({ min: 1, max: 5 }),
    noData: fc.constantFrom('keep', 'ok', 'alert'),
  }) as fc.Arbitrary<StateRule>
  const outcomes = fc.array(fc.constantFrom<Outcome>('fires', 'clear', 'noData', 'tooFew'), { maxLength: 60 })

  test('every firing is announced once, and resolved before the next one', () => {
    fc.assert(
      fc.property(rules, outcomes, (rule, list) => {
        let state = NORMAL
        const announced: string[] = []
        for (const outcome of list) {
          const next = nextState(state, outcome, rule)
          const announcement = announcementOf(state.name, next.name)
          if (announcement) announced.push(announcement)
          state = next
        }
        expect(announced).toEqual(announced.map((_, index) => (index % 2 === 0 ? 'firing' : 'resolved')))
        expect(announced.length % 2 === 1).toBe(state.name === 'firing' || state.name === 'recovering')
      }),
    )
  })

  test('firing begins exactly when as many verdicts as asked have fired in a row', () => {
    fc.assert(
      fc.property(rules, fc.array(fc.boolean(), { maxLength: 60 }), (rule, list) => {
        let state = NORMAL
        let inARow = 0
        for (const fires of list) {
          const before = state
          state = nextState(state, fires ? 'fires' : 'clear', rule)
          inARow = fires ? inARow + 1 : 0
          if (before.name === 'normal' || before.name === 'pending')
            expect(state.name === 'firing').toBe(inARow >= rule.for)
          expect(ALERT_STATES).toContain(state.name)
        }
      }),
    )
  })
})
