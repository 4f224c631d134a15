import { expect, test } from 'bun:test'
import { createJsonLogger, createTextLogger, type LogLevel } from '../../../src/base/logger.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

function fixture(level: LogLevel) {
  const lines: string[] = []
  const clock = new ManualClock(Date.parse('2026-01-27T10:15:30.123Z'))
  return { lines, logger: createJsonLogger({ level, clock, write: (line) => lines.push(line) }) }
}

test('each entry is one line of JSON, whatever it contains', () => {
  const { lines, logger } = fixture('info')
  logger.info('line\nbreak', { text: 'a\r\nb\u2028c', big: 2n ** 64n, nothing: undefined, nested: { a: [1] } })
  expect(lines).toHaveLength(1)
  expect(lines[0]).not.toMatch(/[\r\n]/)
  expect(JSON.parse(lines[0]!)).toEqual({
    time: '2026-01-27T10:15:30.123Z',
    level: 'info',
    message: 'line\nbreak',
    text: 'a\r\nb\u2028c',
    big: '18446744073709551616',
    nested: { a: [1] },
  })
})

test.each([
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
] as const)('at level %s, %j are written', (level, written) => {
  const { lines, logger } = fixture(level)
  for (const each of ['debug', 'info', 'warn', 'error'] as const) logger[each](each)
  expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual([...written])
})

test('an error is logged as its message; its stack is logged at debug only', () => {
  const error = new Error('broken')
  const at = (level: LogLevel) => {
    const { lines, logger } = fixture(level)
    logger.error('failed', { error })
    return JSON.parse(lines[0]!) as Record<string, unknown>
  }
  expect(at('info')).toMatchObject({ error: 'broken' })
  expect(at('info')).not.toHaveProperty('errorStack')
  expect(at('debug')['errorStack']).toContain('logger.test')
})

test('as text an entry is one line for people, whatever it contains', () => {
  const lines: string[] = []
  const clock = new ManualClock(Date.parse('2026-01-27T10:15:30.123Z'))
  const logger = createTextLogger({ level: 'info', clock, write: (line) => lines.push(line) })
  logger.debug('left out')
  logger.info('ready')
  logger.warn('two words', {
    name: 'one',
    text: 'a "b"\n\u001b[2J',
    count: 3,
    nothing: undefined,
    nested: { a: [1] },
    error: new Error('broken'),
  })
  expect(lines).toEqual([
    '2026-01-27T10:15:30.123Z INFO  ready',
    '2026-01-27T10:15:30.123Z WARN  two words  name=one  text="a \\"b\\"\\n\\u001b[2J"  count=3  nested={"a":[1]}  error=broken',
  ])
})
