import type { Clock } from '../clock.ts'
import type { SimulatedEvent } from './event.ts'
import { Random } from './random.ts'
import { livePace } from './scene.ts'
import { Simulation } from './simulation.ts'
import type { World } from './world.ts'

export interface LiveOptions {
  readonly world: World
  readonly seed: number
  readonly clock: Pick<Clock, 'now'>
  /** Events a second that will be taken; decides how big campaigns get. */
  readonly ratePerSecond: number
}

/**
 * Endless events that happen now, whenever they are taken: what is due in the stories under way goes first, and a new story starts only
 * when nothing is due. So any rate works, and it settles into the usual mix of sends, opens and clicks within seconds (see `livePace`).
 */
export function* liveEvents({ clock, ratePerSecond, seed, world }: LiveOptions): Generator<SimulatedEvent, never> {
  const simulation = new Simulation({
    world,
    // The instant is part of the seed: the next run must make new events, not repeat these.
    random: new Random(seed, 'live', clock.now()),
    pace: livePace,
    maxRecipients: Math.min(300, Math.max(5, Math.round(ratePerSecond / 2))),
  })
  for (;;) {
    const now = clock.now()
    const event = simulation.nextDueAt <= now ? simulation.continueStory(now) : simulation.startStory(now)
    if (event) yield event
  }
}
