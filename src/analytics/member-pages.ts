/** What requests for the members of a funnel and of a cohort have in common: the instant of the number, and the page of the list. */
import { Type } from '@sinclair/typebox'
import { DATE_TIME_FORMATS, MAX_DATE_TIME_LENGTH, parseDateTime } from '../base/date-time.ts'
import { ApiFailure } from '../base/errors.ts'

/** Members per page where the request does not say it. */
export const DEFAULT_MEMBERS = 100
const MAX_MEMBERS = 1_000

export const MEMBER_PAGE_FIELDS = {
  asOf: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_DATE_TIME_LENGTH,
      description: `Later events do not count: the instant of the response with the number, written as ${DATE_TIME_FORMATS} with an offset. The present by default.`,
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_MEMBERS,
      default: DEFAULT_MEMBERS,
      description: 'How many members a page holds.',
    }),
  ),
  cursor: Type.Optional(
    Type.Union([Type.String({ maxLength: 8_000 }), Type.Null()], {
      description: 'The `cursor` of a response to the same request: the page behind it. Null for the first page.',
    }),
  ),
}

/** The instant until which events count: the given one, but not after the present. Throws a VALIDATION_ERROR. */
export function resolveAsOf(text: string | undefined, now: number): number {
  if (text === undefined) return now
  const parsed = parseDateTime(text)
  if (parsed?.offsetMs !== undefined) return Math.min(now, parsed.wallTimeMs - parsed.offsetMs)
  const message = `Expected an instant with an offset: ${DATE_TIME_FORMATS}.`
  throw new ApiFailure('VALIDATION_ERROR', 'The request body is invalid.', [{ path: 'asOf', message }])
}
