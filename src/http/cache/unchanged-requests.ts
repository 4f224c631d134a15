import type { Clock } from '../../base/clock.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { CREDENTIAL_VARY, credentialKeyOf } from '../auth/credential-headers.ts'
import type { RequestAuditTrail, RequestCounter } from '../audit/request-audit-trail.ts'
import type { DataVersionSource } from '../ports.ts'
import { correlationIdOf } from '../pipeline/request-context.ts'
import { targetOf } from '../pipeline/request-target.ts'

/** So long a request needs no second look at who asks and what: a key that was revoked, or the end of a day, shows after that. */
const REMEMBERED_MS = 1_000
const MAX_REQUESTS = 10_000
/** Of all requests together: credentials, `Accept` and address are as long as a client likes, up to a head of 16 KiB. */
const MAX_CHARACTERS = 16_000_000
/** Longer than any browser's. */
const MAX_ACCEPT_CHARACTERS = 1_024

/** Kept, so that their text is put together once. */
const NOT_MODIFIED_LABELS = { source: 'unchanged' } as const

interface RememberedRequest {
  /** The labels it is counted under. */
  readonly labels: { readonly route: string; readonly status: string }
  readonly etag: string
  readonly tenantId: string
  readonly subject: string
  readonly version: string
  /** By the monotonic clock. */
  readonly until: number
  /** When its credentials end, epoch milliseconds. */
  readonly expiresAt: number
  /** Where it is counted for the audit trail, from the first time on. */
  counter?: RequestCounter
}

/**
 * Polls: the same request, with the same credentials and the name of the answer that it was given a moment ago, is answered by 304 before anything is parsed or verified
 * again, as long as the tenant's data has not changed. A tenth of the cost of looking.
 */
export class UnchangedRequests {
  readonly #versions: DataVersionSource
  readonly #clock: Clock
  readonly #metrics: ServiceMetrics
  readonly #auditTrail: Pick<RequestAuditTrail, 'counterFor'>
  readonly #remembered = new Map<string, RememberedRequest>()
  /** Of the keys. */
  #characters = 0

  constructor(
    versions: DataVersionSource,
    clock: Clock,
    metrics: ServiceMetrics,
    trail: Pick<RequestAuditTrail, 'counterFor'>,
  ) {
    this.#versions = versions
    this.#clock = clock
    this.#metrics = metrics
    this.#auditTrail = trail
  }

  /** The request was answered by what `etag` names; its credentials are good until `expiresAt`, epoch milliseconds. */
  remember(
    request: Request,
    response: Pick<RememberedRequest, 'labels' | 'etag' | 'tenantId' | 'subject' | 'version'>,
    expiresAt: number,
  ): void {
    if ((request.headers.get('accept')?.length ?? 0) > MAX_ACCEPT_CHARACTERS) return
    const key = requestKeyOf(request)
    if (this.#remembered.size >= MAX_REQUESTS || this.#characters + key.length > MAX_CHARACTERS) {
      this.#remembered.clear()
      this.#characters = 0
    }
    if (!this.#remembered.has(key)) this.#characters += key.length
    const until = this.#clock.monotonic() + REMEMBERED_MS
    this.#remembered.set(key, { ...response, until, expiresAt })
  }

  /** 304, or undefined when the request has to be looked at. */
  respond(request: Request): Response | undefined {
    const ifNoneMatch = request.headers.get('if-none-match')
    if (ifNoneMatch === null || request.method !== 'GET') return undefined
    const remembered = this.#remembered.get(requestKeyOf(request))
    if (remembered?.etag !== ifNoneMatch) return undefined
    const { labels, etag, tenantId, subject, version, until, expiresAt } = remembered
    if (this.#clock.monotonic() >= until || this.#clock.now() >= expiresAt) return undefined
    if (this.#versions.of(tenantId) !== version) return undefined
    this.#metrics.dashboardResponses.add(1, NOT_MODIFIED_LABELS)
    this.#metrics.requestSeconds.observe(0, labels)
    remembered.counter ??= this.#auditTrail.counterFor({ tenantId, subject, route: labels.route, status: 304 })
    remembered.counter.count++
    return new Response(null, {
      status: 304,
      headers: { 'x-correlation-id': correlationIdOf(request), ...NOT_MODIFIED_HEADERS, etag },
    })
  }
}

/** What both ways to a 304 say. */
export const NOT_MODIFIED_HEADERS = {
  'cache-control': 'private, no-cache',
  vary: `accept, accept-encoding, ${CREDENTIAL_VARY}`,
  'x-content-type-options': 'nosniff',
}

/** All that decides what is answered: who asks, in which format, and what. */
function requestKeyOf(request: Request): string {
  return `${credentialKeyOf(request)}\n${request.headers.get('accept') ?? ''}\n${targetOf(request)}`
}
