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
  /** Events a second that will be taken; decides how big campaigns get. */
  readonly ratePerSecond: number
}

/**
 * Endless events that happen now, whenever they are taken: what is due in the stories under way goes first, and a new story starts only
 * when nothing is due. So any rate works, and it settles into the usual mix of sends, opens and clicks within seconds (see `scaleLiveDelay`).
 */
export function* liveEvents({
  clock,
  ratePerSecond,
  seed,
  dataSet,
}: LiveEventOptions): Generator<SimulatedEvent, never> {
  const simulation = new Simulation({
    dataSet,
    // The instant is part of the seed: the next run must make new events, not repeat these.
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
