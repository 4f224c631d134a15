import { describe, expect, test } from 'bun:test'
import { toStoreFailure } from '../../../../src/clickhouse/connection/to-store-failure.ts'
import { INVALID_ROWS_MESSAGE, parseRows } from '../../../../src/clickhouse/connection/json-rows.ts'

const failureOf = (text: string) => {
  try {
    return parseRows(text)
  } catch (error) {
    return toStoreFailure(error)
  }
}

describe('a response in JSONEachRow', () => {
  test.each([
    ['', []],
    ['{"a":1}\n', [{ a: 1 }]],
    ['{"a":"x\\ny"}\n{"a":"Code: 1. DB::Exception"}\n', [{ a: 'x\ny' }, { a: 'Code: 1. DB::Exception' }]],
  ])('%j is parsed into rows', (text, rows) => {
    expect(parseRows<object>(text)).toEqual(rows)
  })

  /** The page of another server, read as an empty result, would show zeros in a dashboard. */
  test.each([
    '<html>Please log in</html>',
    'secret',
    '{"a":1}\n{"a":',
    '{"a":1}',
    '[]\n',
    'null\n',
    '1\n',
    '{"a":1},{"a":2}\n',
    '\n',
  ])('%j is rejected without quoting it', (text) => {
    const failure = failureOf(text)
    expect(failure).toMatchObject({ kind: 'unavailable', message: INVALID_ROWS_MESSAGE })
  })

  test.each([
    '{"a":1}\nCode: 159. DB::Exception: Timeout: secret. (TIMEOUT_EXCEEDED)\n',
    '{"a":1}\n{"a":Code: 159. DB::Exception: Timeout: secret. (TIMEOUT_EXCEEDED)',
    '{"a":1}\n\r\n__exception__\r\nabc\r\nCode: 159. DB::Exception: secret\r\n16 abc\r\n__exception__\r\n',
  ])('with an error after some rows is rejected with that error: %j', (text) => {
    const failure = failureOf(text)
    expect(failure).toMatchObject({ kind: 'timeout', engineCode: 159 })
    expect(failure).not.toMatchObject({ message: expect.stringContaining('secret') })
  })
})
