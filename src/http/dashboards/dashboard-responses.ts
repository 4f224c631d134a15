import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { instant, object, text } from '../../analytics/schemas.ts'
import { ErrorResponse } from '../pipeline/error-response.ts'

const ResponseMeta = object(
  {
    correlationId: text('The id of the request, for logs and support'),
    asOf: instant('When the numbers were read'),
    timezone: text('The time zone of days and hours'),
    rulesVersion: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'The version of the rules that give opens and clicks their classes, where the data depends on them. A new version classifies everything stored again.',
      }),
    ),
  },
  'About the response.',
  'ResponseMeta',
)
export type ResponseMeta = Static<typeof ResponseMeta>

/** The same for a route with a body. */
export function responsesToBody<Data extends TSchema>(data: Data) {
  return { ...responsesOf(data), 413: ErrorResponse, 415: ErrorResponse }
}

/** The schemas of the responses of a route that answers with data, by status. */
export function responsesOf<Data extends TSchema>(data: Data) {
  return {
    200: object(
      { success: Type.Literal(true, { description: 'Always true.' }), data, meta: ResponseMeta },
      data.description ?? '',
    ),
    400: ErrorResponse,
    401: ErrorResponse,
    403: ErrorResponse,
    429: ErrorResponse,
    500: ErrorResponse,
    503: ErrorResponse,
    504: ErrorResponse,
  }
}
