import { Type } from '@sinclair/typebox'
import { object, text } from '../schemas.ts'

/** The schema of a `Drill` in responses. */
export const drillSchema = object(
  {
    path: text('Path of the search below `/api/v1/analytics`, for `POST`'),
    body: Type.Record(Type.String(), Type.Any(), { description: 'The body of the request.' }),
  },
  'The search of the events or messages behind the first number.',
  'Drill',
)
