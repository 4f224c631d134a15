/** The states of a series of a rule, as a pure function of the state before and of the verdict on the next bucket. */
import type { Verdict } from '../detectors/verdict.ts'

export const ALERT_STATES = ['normal', 'pending', 'firing', 'recovering'] as const
export type AlertStateName = (typeof ALERT_STATES)[number]

export interface AlertState {
  readonly name: AlertStateName
  /** Verdicts "fires" in a row, as far as they count towards firing. */
  readonly fired: number
  /** Verdicts "clear" in a row, as far as they count towards normal. */
  readonly cleared: number
}

export const NORMAL: AlertState = { name: 'normal', fired: 0, cleared: 0 }

/** What a bucket without data counts as. */
export const NO_DATA_CHOICES = ['keep', 'ok', 'alert'] as const

export interface StateRule {
  /** Verdicts "fires" in a row until the state is firing. */
  readonly for: number
  /** Verdicts "clear" in a row until a firing state is normal again. */
  readonly recoverAfter: number
  readonly noData: (typeof NO_DATA_CHOICES)[number]
}

/** Whether the recovery limits of thresholds apply: the episode is not over. */
export function isFiring({ name }: AlertState): boolean {
  return name === 'firing' || name === 'recovering'
}

/**
 * The state after a verdict. A series that fires is pending until it has fired `for` times in a row, and recovering until it has been clear `recoverAfter` times in a row. Without
 * a verdict nothing changes.
 */
export function nextState(state: AlertState, outcome: Verdict['outcome'], rule: StateRule): AlertState {
  const decided = decidedOutcome(outcome, rule)
  if (decided === undefined) return state
  if (decided === 'fires') {
    const fired = state.fired + 1
    const name = isFiring(state) || fired >= rule.for ? 'firing' : 'pending'
    return { name, fired: Math.min(fired, rule.for), cleared: 0 }
  }
  if (!isFiring(state)) return NORMAL
  const cleared = state.cleared + 1
  return cleared >= rule.recoverAfter ? NORMAL : { name: 'recovering', fired: 0, cleared }
}

function decidedOutcome(outcome: Verdict['outcome'], { noData }: StateRule): 'fires' | 'clear' | undefined {
  if (outcome === 'fires' || outcome === 'clear') return outcome
  if (outcome === 'tooFew' || noData === 'keep') return undefined
  return noData === 'alert' ? 'fires' : 'clear'
}

/** What people are told about a change of state: the begin of an episode and its end. */
export function announcementOf(from: AlertStateName, to: AlertStateName): 'firing' | 'resolved' | undefined {
  if (to === 'firing' && from !== 'recovering' && from !== 'firing') return 'firing'
  return to === 'normal' && (from === 'firing' || from === 'recovering') ? 'resolved' : undefined
}
