import { signal } from '@preact/signals'
import { describe, expect, test } from 'bun:test'
import { ApiError } from '../../../src/web/api/api-error.ts'
import { failureText, notedFailure, savingFailureOf } from '../../../src/web/definitions/saving-failure.ts'
import { mayWrite } from '../../../src/web/definitions/write-access.ts'
import type { SessionState } from '../../../src/web/state/session.ts'

/** A session with an API key, which may change everything until the service refuses it. */
function session() {
  const state = signal<SessionState>({ kind: 'active', session: { credential: 'oak_key' } })
  const expired: true[] = []
  return { state, expired, expire: () => void expired.push(true) }
}

describe('why a change was not stored', () => {
  test.each([
    [400, 'invalid'],
    [401, 'expired'],
    [403, 'refused'],
    [404, 'gone'],
    [409, 'tooMany'],
    [412, 'changed'],
    [503, 'other'],
    [0, 'other'],
  ] as const)('the status %d is %s', (status, failure) =>
    expect(savingFailureOf(new ApiError(status, {}))).toBe(failure),
  )

  test('an error of the page is none of the service', () => {
    expect(savingFailureOf(new TypeError('x'))).toBe('other')
  })

  test('the session learns that it has expired, or may not change anything', () => {
    const active = session()
    notedFailure(active, new ApiError(412, {}))
    expect([active.expired, mayWrite(active.state.value)]).toEqual([[], true])
    notedFailure(active, new ApiError(401, {}))
    expect([active.expired, mayWrite(active.state.value)]).toEqual([[true], true])
    notedFailure(active, new ApiError(403, {}))
    expect([active.expired, mayWrite(active.state.value)]).toEqual([[true], false])
  })

  test('is told after what is not done', () => {
    const reason = failureText('', new ApiError(403, {}))
    expect(reason).toMatch(/^\S.*\.$/)
    expect(failureText('It is not saved.', new ApiError(403, {}))).toBe(`It is not saved. ${reason}`)
  })
})
