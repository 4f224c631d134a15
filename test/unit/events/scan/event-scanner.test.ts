import { describe, expect, test } from 'bun:test'
import { SEED } from '../../../support/base/seed.ts'
import type { EventDefinition } from '../../../../src/events/catalogue.ts'
import { EventScanner } from '../../../../src/events/scan/event-scanner.ts'
import { compareScans } from './comparison.ts'
import { mixedCases, simulatedCases } from './messages.ts'

const EVENTS = 20_000

describe('the scanner and the general path', () => {
  test('read the events of simulated producers alike, most of them by the scanner', () => {
    const { differences, events, scanned } = compareScans(new EventScanner(), simulatedCases(SEED, 3_000))
    expect(differences).toEqual([])
    expect(scanned / events).toBeGreaterThan(0.99)
  })

  test('read usual, odd and damaged messages alike', () => {
    const { differences, events, scanned } = compareScans(new EventScanner(), mixedCases(SEED, EVENTS))
    expect(differences).toEqual([])
    expect(events).toBe(EVENTS)
    // The usual messages are two fifths.
    expect(scanned / events).toBeGreaterThan(0.4)
  })
})

/** Takes the first of several values of a field, where JSON.parse takes the last. */
class FirstValueScanner extends EventScanner {
  override scan(message: Uint8Array, definition: EventDefinition, now: number): boolean {
    let hasContact = false
    const text = String.fromCharCode(...message).replaceAll(/"contactId":"[^"]*",/g, (field) => {
      const kept = hasContact ? '' : field
      hasContact = true
      return kept
    })
    return super.scan(bytesOf(text), definition, now)
  }
}

/** Ignores what follows the message's object. */
class PrefixScanner extends EventScanner {
  override scan(message: Uint8Array, definition: EventDefinition, now: number): boolean {
    return super.scan(message.subarray(0, message.lastIndexOf(CLOSE_OBJECT) + 1), definition, now)
  }
}

/** Removes white space also from texts. */
class DenseScanner extends EventScanner {
  override scan(message: Uint8Array, definition: EventDefinition, now: number): boolean {
    return super.scan(bytesOf(String.fromCharCode(...message).replaceAll(' ', '')), definition, now)
  }
}

const CLOSE_OBJECT = 0x7d

/** One byte per character. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

describe('the comparison', () => {
  test.each([
    ['takes the first of two values', FirstValueScanner],
    ['ignores trailing bytes', PrefixScanner],
    ['removes white space from texts', DenseScanner],
  ])('finds a scanner that %s', (_, Scanner) => {
    expect(compareScans(new Scanner(), mixedCases(SEED, EVENTS)).differences).not.toEqual([])
  })
})
