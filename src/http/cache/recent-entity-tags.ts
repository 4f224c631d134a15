import type { Clock } from '../../base/clock.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { Scope } from '../auth/scopes.ts'
import { CREDENTIAL_VARY } from '../auth/credential-headers.ts'
import type { TenantLimits } from '../limits/tenant-limits.ts'
import type { DataVersionSource } from '../ports.ts'
import type { AuthenticatedContext, RequestContext } from '../pipeline/request-context.ts'

/** The end of a day changes the range that a request selects: it takes effect after this time at the latest. */
const LIFETIME_MS = 1_000
const MAX_ENTRIES = 10_000
/** Of all keys together: `Accept` and the address are as long as a client chooses, up to a head of 16 KiB. */
const MAX_CHARACTERS = 16_000_000
/** Longer than the header of any browser. */
const MAX_ACCEPT_CHARACTERS = 1_024

interface Entry {
  readonly etag: string
  /** The version of the tenant's data that the tag is for. */
  readonly version: string
  /** The scope that the response needs. */
  readonly scope: Scope
  readonly route: string
  /** By the monotonic clock. */
  readonly until: number
}

/** The headers of a response that may be revalidated, and of the 304 that confirms it. */
export const NOT_MODIFIED_HEADERS = {
  'cache-control': 'private, no-cache',
  vary: `accept, accept-encoding, ${CREDENTIAL_VARY}`,
  'x-content-type-options': 'nosniff',
}

/**
 * The entity tags of recent dashboard responses. A client that polls a dashboard sends the tag of its last response; as long as the tenant's data has not changed, it gets
 * a 304 from here without its parameters being parsed again. Entries are shared by all clients of a tenant, each of which was authenticated before.
 */
export class RecentEntityTags {
  readonly #versions: DataVersionSource
  readonly #clock: Clock
  readonly #metrics: ServiceMetrics
  readonly #limits: Pick<TenantLimits, 'headers'>
  readonly #entries = new Map<string, Entry>()
  /** Of the keys. */
  #characters = 0

  constructor({
    versions,
    clock,
    metrics,
    limits,
  }: {
    readonly versions: DataVersionSource
    readonly clock: Clock
    readonly metrics: ServiceMetrics
    readonly limits: Pick<TenantLimits, 'headers'>
  }) {
    this.#versions = versions
    this.#clock = clock
    this.#metrics = metrics
    this.#limits = limits
  }

  /** The request was answered by the response that `etag` names. */
  remember(context: AuthenticatedContext, { etag, version, scope }: Pick<Entry, 'etag' | 'version' | 'scope'>): void {
    const { request, principal, route } = context
    if (route === undefined || (request.headers.get('accept')?.length ?? 0) > MAX_ACCEPT_CHARACTERS) return
    const key = keyOf(context, principal.tenantId)
    if (this.#entries.size >= MAX_ENTRIES || this.#characters + key.length > MAX_CHARACTERS) {
      this.#entries.clear()
      this.#characters = 0
    }
    if (!this.#entries.has(key)) this.#characters += key.length
    this.#entries.set(key, { etag, version, scope, route, until: this.#clock.monotonic() + LIFETIME_MS })
  }

  /** The step of the pipeline: 304 when the client has the current response, otherwise undefined. */
  respond(context: RequestContext): Response | undefined {
    const { request, principal } = context
    const ifNoneMatch = request.headers.get('if-none-match')
    if (ifNoneMatch === null || request.method !== 'GET' || !principal || !context.isPathCanonical) return undefined
    const entry = this.#entries.get(keyOf(context, principal.tenantId))
    if (entry?.etag !== ifNoneMatch || !principal.scopes.has(entry.scope)) return undefined
    if (this.#clock.monotonic() >= entry.until) return undefined
    if (this.#versions.of(principal.tenantId) !== entry.version) return undefined
    this.#metrics.dashboardResponses.add(1, { source: 'unchanged' })
    context.route = entry.route
    return new Response(null, {
      status: 304,
      headers: { ...NOT_MODIFIED_HEADERS, ...this.#limits.headers(principal.tenantId), etag: entry.etag },
    })
  }
}

/** All that selects a response: the tenant, the format, and the path with its parameters. No tenant id and no header holds a line break. */
function keyOf({ request, url }: RequestContext, tenantId: string): string {
  return `${tenantId}\n${request.headers.get('accept') ?? ''}\n${url.pathname}${url.search}`
}
