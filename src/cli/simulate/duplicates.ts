import type { SimulatedEvent } from './simulated-event.ts'
import type { Random } from './random.ts'

/** The share of messages that are duplicates: producers publish again when an acknowledgement is lost. */
const DUPLICATE_SHARE = 0.01
const REMEMBERED_EVENTS = 256

/** The same events, and some of the recent ones a second time, unchanged. */
export function* withDuplicates(events: Iterable<SimulatedEvent>, random: Random): Generator<SimulatedEvent, void> {
  const recent: SimulatedEvent[] = []
  let taken = 0
  for (const event of events) {
    yield event
    recent[taken++ % REMEMBERED_EVENTS] = event
    if (random.chance(DUPLICATE_SHARE / (1 - DUPLICATE_SHARE))) yield random.pick(recent)
  }
}
