import type { SimulatedEvent } from './simulated-event.ts'
import { Random } from './random.ts'
import { TrafficProfile } from './traffic-profile.ts'
import { createHistoryDelayScale } from './scenarios/scenario-context.ts'
import { Simulation } from './simulation.ts'
import type { DataSet } from './data-set.ts'

export interface HistoryOptions {
  readonly dataSet: DataSet
  readonly seed: number
  /** The end of the history in epoch milliseconds. It is part of the seed, so that a later run generates other events. */
  readonly endMs: number
  readonly spanMs: number
  readonly eventCount: number
}

/** The share of the missing events that a pass generates: with too many, the most recent days would be cut off. */
const TARGET_SHARE = 0.9
const MAX_PASSES = 12

/**
 * Exactly `eventCount` different events between `endMs - spanMs` and `endMs`, more by day than at night. Scenarios that continue after the end are cut off, so that the
 * number is reached in several passes over the whole range, each much smaller than the previous one. Within a pass events are in time order.
 */
export function* historyEvents({
  endMs,
  eventCount,
  seed,
  spanMs,
  dataSet,
}: HistoryOptions): Generator<SimulatedEvent, void> {
  const startMs = endMs - spanMs
  const trafficProfile = new TrafficProfile(startMs, endMs)
  let missing = eventCount
  for (let pass = 0; pass < MAX_PASSES && missing > 0; pass++) {
    const target = missing * TARGET_SHARE
    const simulation = new Simulation({
      dataSet,
      random: new Random(seed, 'history', startMs, endMs, eventCount, pass),
      scaleDelay: createHistoryDelayScale(spanMs),
      maxRecipients: Math.min(300, Math.max(5, Math.round(missing / 200))),
    })
    while (missing > 0) {
      const position = simulation.nextStartPoint / target
      const startsAt = position < 1 ? trafficProfile.instantAt(position) : Infinity
      const dueAt = simulation.nextDueAt
      if (Math.min(startsAt, dueAt) > endMs) break
      const event = dueAt < startsAt ? simulation.continueScenario(dueAt) : simulation.startScenario(startsAt)
      if (!event) continue
      missing--
      yield event
    }
  }
  const random = new Random(seed, 'rest', startMs, endMs, eventCount)
  const remainder = new Simulation({ dataSet, random, scaleDelay: createHistoryDelayScale(spanMs), maxRecipients: 3 })
  for (; missing > 0; missing--) yield remainder.startScenario(trafficProfile.instantAt(random.fraction()))
}
