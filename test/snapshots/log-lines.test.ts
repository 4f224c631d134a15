import { describe, expect, test } from 'bun:test'
import { expectRecorded } from './recorded.ts'
import { argumentsAt, literalOf, topLevelParts } from './source-calls.ts'
import { sourceTexts } from './sources.ts'

const CALL = /\blogger\??\.(debug|info|warn|error)\(/gi

/** The log lines of a module as `level message {keys}`. A message or a key that is computed is shown as `…`. */
function logLinesOf(text: string): string[] {
  return [...text.matchAll(CALL)].map(({ 0: call, 1: level, index }) => {
    const [message = '', fields] = argumentsAt(text, index + call.length - 1)
    return `${level} ${literalOf(message) ?? '…'} {${keysOf(fields).join(', ')}}`
  })
}

function keysOf(fields: string | undefined): string[] {
  if (fields === undefined) return []
  if (!fields.startsWith('{')) return ['…']
  const keys = topLevelParts(fields.slice(1, -1)).map((part) => /^\w+/.exec(part)?.[0] ?? '…')
  return keys.toSorted()
}

test('log lines of the source are as recorded: level, message and keys', async () => {
  const lines = new Set((await sourceTexts()).flatMap(logLinesOf))
  await expectRecorded('log-lines', [...lines].toSorted())
})

describe('a log line is read', () => {
  test.each([
    [`logger.info('ready')`, 'info ready {}'],
    ['this.#logger.warn(`${what} is ${a ? `b` : `c`} now`, { error, attempt })', 'warn … is … now {attempt, error}'],
    [`logger?.error("a, b (c)", { ...where, count: f(1, { d: 2 }) })`, 'error a, b (c) {count, …}'],
    [`log.logger.debug('one ' +\n  'two', fields)`, 'debug one two {…}'],
    [`logger.warn(message)`, 'warn … {}'],
  ])('%s', (text, line) => expect(logLinesOf(text)).toEqual([line]))
})
