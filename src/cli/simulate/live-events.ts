import type { Clock } from '../../base/clock.ts'
import type { SimulatedEvent } from './simulated-event.ts'
import { Random } from './random.ts'
import { scaleLiveDelay } from './scenarios/scenario-context.ts'
import { Simulation } from './simulation.ts'
import type { DataSet } from './data-set.ts'

export interface LiveEventOptions {
  readonly dataSet: DataSet
  readonly seed: number
  readonly clock: Pick<Clock, 'now'>
  /** The events per second that the caller takes. It determines the size of campaigns. */
  readonly ratePerSecond: number
}

/**
 * Endless events with the time of their generation. Due events of running scenarios come first; a new scenario starts only when no event is due. This works at any rate and
 * reaches the usual mix of sends, opens and clicks within seconds (see `scaleLiveDelay`).
 */
export function* liveEvents({
  clock,
  ratePerSecond,
  seed,
  dataSet,
}: LiveEventOptions): Generator<SimulatedEvent, never> {
  const simulation = new Simulation({
    dataSet,
    // The instant is part of the seed, so that the next run generates new events.
    random: new Random(seed, 'live', clock.now()),
    scaleDelay: scaleLiveDelay,
    maxRecipients: Math.min(300, Math.max(5, Math.round(ratePerSecond / 2))),
  })
  for (;;) {
    const now = clock.now()
    const event = simulation.nextDueAt <= now ? simulation.continueScenario(now) : simulation.startScenario(now)
    if (event) yield event
  }
}
