/** A long comparison of the scanner with the general path: part of `npm run test:long`. */
import { expect, test } from 'bun:test'
import { EventScanner } from '../../../src/events/scan/event-scanner.ts'
import { SEED } from '../../support/base/seed.ts'
import { compareScans } from '../../unit/events/scan/comparison.ts'
import { mixedCases } from '../../unit/events/scan/messages.ts'

const EVENTS = 1_000_000
const TIMEOUT_MS = 900_000

test(
  `the scanner and the general path read a million messages alike: seed ${SEED}`,
  () => {
    const { differences, events, scanned } = compareScans(new EventScanner(), mixedCases(SEED, EVENTS))
    expect(differences).toEqual([])
    expect(events).toBe(EVENTS)
    expect(scanned / events).toBeGreaterThan(0.4)
  },
  TIMEOUT_MS,
)
