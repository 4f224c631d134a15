/** Messages for the comparison of the scanner with the general path: usual, odd and damaged ones, the same for the same seed. */
import { DAY_MS } from '../../../support/oracle/zone.ts'
import { type Chance, chanceOf } from '../../../support/base/random.ts'
import { NOW } from '../../../support/ingest/event-samples.ts'
import { DataSet } from '../../../../src/cli/simulate/data-set.ts'
import { historyEvents } from '../../../../src/cli/simulate/history-events.ts'
import { damage } from './damage.ts'
import { oddMessage, SUBJECTS } from './odd-messages.ts'
import type { ScanCase } from './comparison.ts'

const encoder = new TextEncoder()
const POOL_SIZE = 10_000

/** The events of the simulated producers. */
export function* simulatedCases(seed: number, count: number): Generator<ScanCase> {
  const dataSet = new DataSet(seed, 3)
  let sequence = 0
  for (const event of historyEvents({ dataSet, seed, endMs: NOW, spanMs: 30 * DAY_MS, eventCount: count }))
    yield caseOf(event.subject, encoder.encode(JSON.stringify(event.envelope)), ++sequence)
}

/** Half of the messages are usual, a fifth is odd, and the others are damaged. */
export function* mixedCases(seed: number, count: number): Generator<ScanCase> {
  const chance = chanceOf(seed)
  const usual = [...simulatedCases(seed, Math.min(count, POOL_SIZE))]
  for (let sequence = 1; sequence <= count; sequence++) {
    const found = chance.pick(usual)
    const kind = chance.next()
    const now = chance.pick([NOW, NOW, NOW + 1, NOW + 999, NOW + 1_000, Date.UTC(2028, 1, 29, 12)])
    if (kind < 0.4) yield { ...found, now: NOW }
    else if (kind < 0.7) {
      const message = encoder.encode(oddMessage(chance, now))
      yield caseOf(chance.pick(SUBJECTS), message, sequence, now, messageIdOf(chance))
    } else {
      const message = chance.hits(0.4) ? encoder.encode(oddMessage(chance, NOW)) : found.message
      yield caseOf(found.subject, damage(message, chance), sequence, NOW, messageIdOf(chance))
    }
  }
}

function messageIdOf(chance: Chance): string | undefined {
  return chance.hits(0.3) ? undefined : chance.pick(['', 'message-1', 'übung \ud800', 'x'.repeat(1_500)])
}

function caseOf(subject: string, message: Uint8Array, sequence: number, now = NOW, messageId?: string): ScanCase {
  return { subject, message, now, messageId, origin: { stream: 'EVENTS', sequence, storedAt: NOW + sequence } }
}
