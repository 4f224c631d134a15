import type { SimulatedEvent } from './simulated-event.ts'
import type { Random } from './random.ts'

/** Producers retry when an answer gets lost: about this share of what they publish was published before. */
const duplicateShare = 0.01
const rememberedEvents = 256

/** The same events, and now and then one of the last few once more, exactly as it was. */
export function* withDuplicates(events: Iterable<SimulatedEvent>, random: Random): Generator<SimulatedEvent, void> {
  const recent: SimulatedEvent[] = []
  let taken = 0
  for (const event of events) {
    yield event
    recent[taken++ % rememberedEvents] = event
    if (random.chance(duplicateShare / (1 - duplicateShare))) yield random.pick(recent)
  }
}
