import { expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { createJsonLogger } from '../../../src/base/logger.ts'
import { terminalSafeLine, terminalSafeText } from '../../../src/base/texts/terminal-safe-text.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

/** ESC, CSI and OSC as one byte, DEL, and a character that changes the writing direction. */
const HOSTILE = 'a\u001b[2Jb\u001b]52;c;aGk=\u0007c\u009b31md\u009d0;te\u007f\u202ef'

test('control characters are shown as escapes', () => {
  expect(terminalSafeLine(HOSTILE)).toBe('a\\u001b[2Jb\\u001b]52;c;aGk=\\u0007c\\u009b31md\\u009d0;te\\u007f\\u202ef')
  expect(terminalSafeLine('a\r\n\tb')).toBe('a\\u000d\\u000a\\u0009b')
  expect(terminalSafeText('a\r\n\tb')).toBe('a\\u000d\n\tb')
  expect(terminalSafeLine('Ünïcödé 漢字 😀 👩‍👩‍👧')).toBe('Ünïcödé 漢字 😀 👩‍👩‍👧')
})

test('JSON keeps its meaning', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      expect(JSON.parse(terminalSafeLine(json)) as unknown).toEqual(JSON.parse(json) as unknown)
    }),
  )
  expect(JSON.parse(terminalSafeLine(JSON.stringify({ text: HOSTILE }))) as unknown).toEqual({ text: HOSTILE })
})

test('a log line contains no control characters', () => {
  const lines: string[] = []
  const logger = createJsonLogger({ level: 'info', clock: new ManualClock(0), write: (line) => lines.push(line) })
  logger.warn('event rejected', { subject: HOSTILE })
  expect(lines.join('')).not.toMatch(/[\p{Cc}\u202e]/u)
  expect(JSON.parse(lines[0]!)).toMatchObject({ subject: HOSTILE })
})
