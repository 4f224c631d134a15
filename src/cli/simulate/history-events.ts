import type { SimulatedEvent } from './simulated-event.ts'
import { Random } from './random.ts'
import { TrafficProfile } from './traffic-profile.ts'
import { createHistoryDelayScale } from './scenarios/scenario-context.ts'
import { Simulation } from './simulation.ts'
import type { DataSet } from './data-set.ts'

export interface HistoryOptions {
  readonly dataSet: DataSet
  readonly seed: number
  /** The history ends here (epoch milliseconds) and is part of the seed: a later run makes other events, not the same again. */
  readonly endMs: number
  readonly spanMs: number
  readonly eventCount: number
}

/** A pass aims below what is missing, because going over it would cut off the most recent days. */
const targetShare = 0.9
const maxPasses = 12

/**
 * Exactly `eventCount` different events between `endMs - spanMs` and `endMs`, more by day than at night. Stories that would go on after the
 * end are cut off there, as they are in life, so the number is reached in several passes over the whole stretch, each much smaller
 * than the one before. Within a pass events come in time order.
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
  for (let pass = 0; pass < maxPasses && missing > 0; pass++) {
    const target = missing * targetShare
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
