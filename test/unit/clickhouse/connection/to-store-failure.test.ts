import { expect, test } from 'bun:test'
import { ClickHouseError } from '@clickhouse/client'
import { toStoreFailure } from '../../../../src/clickhouse/connection/to-store-failure.ts'
import { StoreFailure } from '../../../../src/base/errors.ts'

const engineError = (code: number) =>
  new ClickHouseError({ message: "Cannot parse 'secret'", code: String(code), type: 'SOME_NAME' })

test.each([
  // The data: no other try can help.
  ...[
    [6, 'rejected'],
    [25, 'rejected'],
    [27, 'rejected'],
    [376, 'rejected'],
  ],
  // The query.
  ...[
    [159, 'timeout'],
    [241, 'overloaded'],
    [202, 'overloaded'],
  ],
  // The store's state, which passes: parts, read-only, disk, gone tables, a killed query, authentication.
  ...[
    [252, 'unavailable'],
    [164, 'unavailable'],
    [243, 'unavailable'],
    [60, 'unavailable'],
    [394, 'unavailable'],
    [516, 'unavailable'],
  ],
  // A cluster's: too few replicas, another's quorum, one of an unknown outcome, a replica that is behind, a keeper or all nodes away.
  ...[
    [285, 'unavailable'],
    [286, 'unavailable'],
    [319, 'unavailable'],
    [289, 'unavailable'],
    [999, 'unavailable'],
    [279, 'unavailable'],
  ],
] as [number, string][])('the engine’s code %d is %s', (code, kind) => {
  const failure = toStoreFailure(engineError(code))
  expect(failure.kind).toBe(kind as StoreFailure['kind'])
  expect(failure.engineCode).toBe(code)
})

test('what the engine quotes of the data is not in the message, which gets into the log', () => {
  expect(toStoreFailure(engineError(27)).message).not.toContain('secret')
})

/** The fuzz found it: a proxy's page, with whatever it quotes, was the message of the failure and so a line of the log. */
test('what is no answer of the engine is not quoted either, and what the client says is', () => {
  expect(toStoreFailure(new Error('<html>secret</html>')).message).not.toContain('secret')
  expect(toStoreFailure(new Error('Timeout error.')).message).toBe('Timeout error.')
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  expect(toStoreFailure(refused).message).toBe('connect ECONNREFUSED')
})

test('a foreign copy of the client’s error class is recognised by its code', () => {
  expect(toStoreFailure(Object.assign(new Error('x'), { code: '159' })).kind).toBe('timeout')
})

test('whatever else goes wrong on the way leaves the outcome unknown', () => {
  for (const error of [
    new Error('socket hang up'),
    Object.assign(new Error('x'), { code: 'ECONNRESET' }),
    'text',
    undefined,
  ])
    expect(toStoreFailure(error).kind).toBe('unavailable')
  const failure = new StoreFailure('rejected', 'known')
  expect(toStoreFailure(failure)).toBe(failure)
})
