import { expect, test } from 'bun:test'
import { ResponseReadTimeout } from '../../../src/base/errors.ts'
import { unhandledErrorResponse } from '../../../src/host/runtime.ts'
import { createResponseBody } from '../../../src/http/sending/response-body.ts'
import { ManualClock, settled } from '../../support/base/manual-clock.ts'

test('a response that its client does not read in time is not an unexpected error; every other failure is', async () => {
  const reported: unknown[] = []
  const report = (_: unknown, error: unknown) => reported.push(error)
  const clock = new ManualClock(0)
  const body = createResponseBody([new Uint8Array(100_000)], clock) as ReadableStream<Uint8Array>
  await clock.advance(300_000)
  await settled()
  const unread = await new Response(body).arrayBuffer().catch((error: unknown) => error)
  expect(unread).toBeInstanceOf(ResponseReadTimeout)
  unhandledErrorResponse(unread, report)
  expect(reported).toEqual([])
  const defect = new TypeError('a defect')
  expect(unhandledErrorResponse(defect, report).status).toBe(500)
  expect(reported).toEqual([defect])
})
