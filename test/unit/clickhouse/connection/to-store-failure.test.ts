import { expect, test } from 'bun:test'
import { ClickHouseError } from '@clickhouse/client'
import { toStoreFailure } from '../../../../src/clickhouse/connection/to-store-failure.ts'
import { StoreFailure } from '../../../../src/base/errors.ts'

const engineError = (code: number) =>
  new ClickHouseError({ message: "Cannot parse 'secret'", code: String(code), type: 'SOME_NAME' })

test.each([
  // The data: a retry cannot succeed.
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
  // A temporary state of the store: parts, read-only, disk, missing tables, a killed query, authentication.
  ...[
    [252, 'unavailable'],
    [164, 'unavailable'],
    [243, 'unavailable'],
    [60, 'unavailable'],
    [394, 'unavailable'],
    [516, 'unavailable'],
  ],
  // A state of the cluster: too few replicas, another quorum insert, an unknown outcome, a replica that is behind, the keeper or all nodes unavailable.
  ...[
    [285, 'unavailable'],
    [286, 'unavailable'],
    [319, 'unavailable'],
    [289, 'unavailable'],
    [999, 'unavailable'],
    [279, 'unavailable'],
  ],
] as [number, string][])('engine error code %d means %s', (code, kind) => {
  const failure = toStoreFailure(engineError(code))
  expect(failure.kind).toBe(kind as StoreFailure['kind'])
  expect(failure.engineCode).toBe(code)
})

test('the message, which is logged, contains no text of the engine', () => {
  expect(toStoreFailure(engineError(27)).message).not.toContain('secret')
})

test('the message contains no other response either, but errors of the client', () => {
  expect(toStoreFailure(new Error('<html>secret</html>')).message).not.toContain('secret')
  expect(toStoreFailure(new Error('Timeout error.')).message).toBe('Timeout error.')
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  expect(toStoreFailure(refused).message).toBe('connect ECONNREFUSED')
})

test('an error class of another client variant is recognised by its code', () => {
  expect(toStoreFailure(Object.assign(new Error('x'), { code: '159' })).kind).toBe('timeout')
})

test('any other error means that the outcome is unknown', () => {
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

test('the message begins with the name of the statement', () => {
  expect(toStoreFailure(engineError(241), 'find_stored_ids').message).toBe(
    'find_stored_ids: engine error code 241 (SOME_NAME)',
  )
})
