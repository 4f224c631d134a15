/** What the routes of definitions share: the revision in `ETag` and `If-Match`, failures, and responses. */
import { ApiFailure } from '../../base/errors.ts'
import { DefinitionFailure, type DefinitionFailureReason } from '../../definitions/errors.ts'
import { type Definition, DEFINITION_LIMITS, type DefinitionKind } from '../../definitions/ports.ts'
import type { Clock } from '../../base/clock.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { requireScope } from '../auth/authenticator.ts'
import type { Scope } from '../auth/scopes.ts'
import type { ResponseMeta } from '../dashboards/dashboard-responses.ts'
import type { TenantLimits } from '../limits/tenant-limits.ts'
import { type AuthenticatedContext, authenticatedContextOf } from '../pipeline/request-context.ts'
import { byteLengthOf, encodeUtf8, jsonChunks } from '../sending/chunks.ts'
import type { ResponseSender } from '../sending/response-sender.ts'

export interface DefinitionServices {
  readonly clock: Clock
  readonly limits: TenantLimits
  readonly sender: ResponseSender
}

/** The context of the framework, as far as these routes read it. */
export interface DefinitionContext {
  readonly request: Request
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

/** The context of a request whose credential has a scope. */
export function authorizedFor(request: Request, scope: Scope): AuthenticatedContext {
  const context = authenticatedContextOf(request)
  requireScope(context.principal, scope)
  return context
}

/** An entity tag: the revision, which is another one for each stored version. A proxy that compresses makes it weak. */
const ENTITY_TAG = /^(?:W\/)?"(\d{1,16})"$/

export function entityTagOf({ revision }: Definition<unknown>): string {
  return `"${revision}"`
}

/**
 * The revision that a request expects, given the current definition: that of one of the entity tags of `If-Match`, or the current one for `*`. Throws PRECONDITION_REQUIRED
 * without the header, and PRECONDITION_FAILED when none of them is current.
 */
export function expectedRevision(request: Request, current: Definition<unknown>): number {
  const header = request.headers.get('if-match')
  if (header === null || header.trim() === '')
    throw new ApiFailure(
      'PRECONDITION_REQUIRED',
      'This request needs the header If-Match with the ETag that it changes.',
    )
  if (header.trim() === '*') return current.revision
  const revisions = header.split(',').map((tag) => Number(ENTITY_TAG.exec(tag.trim())?.[1] ?? NaN))
  if (!revisions.includes(current.revision)) throw changedMeanwhile()
  return current.revision
}

function changedMeanwhile(): ApiFailure {
  return new ApiFailure(
    'PRECONDITION_FAILED',
    'It was changed since: read it again, and repeat the change with its ETag.',
  )
}

/** The definition, or NOT_FOUND. */
export function requireFound<Found>(found: Found | undefined, kind: DefinitionKind): Found {
  if (found === undefined) throw new ApiFailure('NOT_FOUND', `There is no ${kind} with this id.`)
  return found
}

/** Runs a call of the port, whose failures become those of the API. */
export async function answered<Result>(kind: DefinitionKind, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    throw error instanceof DefinitionFailure ? apiFailureOf(kind, error) : error
  }
}

function apiFailureOf(kind: DefinitionKind, cause: DefinitionFailure): ApiFailure {
  const failures: Readonly<Record<DefinitionFailureReason, () => ApiFailure>> = {
    missing: () => new ApiFailure('NOT_FOUND', `There is no ${kind} with this id.`),
    conflict: changedMeanwhile,
    limit: () =>
      new ApiFailure('CONFLICT', `A tenant may have at most ${DEFINITION_LIMITS[kind]} ${kind}s. Delete one before.`),
    unavailable: () =>
      new ApiFailure('UNAVAILABLE', 'Definitions cannot be read or stored right now. Try again shortly.', [], cause),
  }
  return failures[cause.reason]()
}

/** Sends data with the header fields that every response to a tenant has. `meta` as for a response that was read now. */
export async function sendDefinition(
  { request, set }: DefinitionContext,
  { clock, limits, sender }: DefinitionServices,
  { principal: { tenantId }, correlationId }: AuthenticatedContext,
  data: object,
  options: { readonly etag?: string; readonly status?: number } = {},
): Promise<Response> {
  const meta: ResponseMeta = { correlationId, asOf: new Date(clock.now()).toISOString(), timezone: 'UTC' }
  const json = await jsonChunks(data, new TimeSlices())
  limits.chargeResponse(tenantId, byteLengthOf(json))
  const { etag, status = 200 } = options
  Object.assign(set.headers, limits.headers(tenantId), etag === undefined ? {} : { etag })
  const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const response = await sender.send(request, { chunks, headers, tenantId })
  set.status = status
  return status === 200 ? response : new Response(response.body, { status, headers: response.headers })
}
