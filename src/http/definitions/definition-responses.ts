/** The responses that the routes of definitions share. */
import { type TSchema, Type } from '@sinclair/typebox'
import { instant, object } from '../../analytics/schemas.ts'
import type { Definition } from '../../definitions/ports.ts'
import { responsesOf, responsesToBody } from '../dashboards/dashboard-responses.ts'
import { ErrorResponse } from '../pipeline/error-response.ts'

/** The fields that every definition has besides its own. */
export const definitionProperties = () => ({
  id: Type.String({ description: 'The id.' }),
  version: Type.Integer({ minimum: 1, description: '1 when it was created, one more with each change.' }),
  createdAt: instant('When it was created'),
  changedAt: instant('When this version was stored'),
})

export function definitionFields({ id, version, createdAt, changedAt }: Definition<unknown>) {
  return { id, version, createdAt: new Date(createdAt).toISOString(), changedAt: new Date(changedAt).toISOString() }
}

export const RemovedData = object({ id: Type.String({ description: 'The id.' }) }, 'What was removed.', 'Removed')

/** Responses of reading definitions, of creating, and of replacing or removing one. */
export const readingResponses = <Data extends TSchema>(data: Data) => ({ ...responsesOf(data), 404: ErrorResponse })
export const creatingResponses = <Data extends TSchema>(data: Data) => {
  const { 200: created, ...failures } = responsesToBody(data)
  return { 201: created, ...failures, 409: ErrorResponse }
}
export const changingResponses = <Data extends TSchema>(data: Data) => ({
  ...responsesToBody(data),
  404: ErrorResponse,
  412: ErrorResponse,
  428: ErrorResponse,
})
export const removingResponses = () => ({
  ...responsesOf(RemovedData),
  404: ErrorResponse,
  409: ErrorResponse,
  412: ErrorResponse,
  428: ErrorResponse,
})
