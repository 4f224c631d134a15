/**
 * Tickets: a browser can give an EventSource or a WebSocket no headers, so it asks with them for a ticket and names that in the address. Good for one stream, within half
 * a minute; in an address that is logged somewhere on the way, it opens nothing any more.
 */
import type { Clock } from '../../base/clock.ts'
import { ApiFailure } from '../../base/errors.ts'
import { type Authenticate, type Principal, READ_SCOPE, unauthorized } from '../auth/authenticator.ts'
import { API_KEY_HEADER } from '../auth/credential-headers.ts'

const TICKET_LIFETIME_MS = 30_000
const MAX_TICKETS_PER_TENANT = 1_000
const MAX_TICKETS = 50_000
const TICKET_BYTES = 32

export const LIVE_PATH = '/api/v1/analytics/live'
/** Stands in the address. */
const TICKET_PARAMETER = 'ticket'
const TICKET_PATHS: ReadonlySet<string> = new Set([LIVE_PATH, `${LIVE_PATH}/ws`])

/** Who reads a stream, and how to find out whether they still may. */
export interface LiveAuthorization {
  readonly principal: Principal
  readonly isStillAuthorized: () => Promise<boolean>
}

interface IssuedTicket {
  readonly authorization: LiveAuthorization
  /** When the ticket ends, by the monotonic clock. */
  readonly until: number
}

export class LiveTickets {
  readonly #authenticate: Authenticate
  readonly #clock: Clock
  /** All live equally long: the first made is the first to end. */
  readonly #tickets = new Map<string, IssuedTicket>()
  readonly #countByTenant = new Map<string, number>()
  /** Of the requests that came with a ticket. */
  readonly #redeemed = new WeakMap<Request, LiveAuthorization>()

  constructor(authenticate: Authenticate, clock: Clock) {
    this.#authenticate = authenticate
    this.#clock = clock
  }

  /** Makes a ticket for whoever sent the request. Throws when too many wait to be used. */
  issue(request: Request, principal: Principal): { readonly ticket: string; readonly expiresAt: number } {
    this.#dropExpired()
    const { tenantId } = principal
    if ((this.#countByTenant.get(tenantId) ?? 0) >= MAX_TICKETS_PER_TENANT)
      throw new ApiFailure('RATE_LIMITED', 'There are too many unused tickets.')
    if (this.#tickets.size >= MAX_TICKETS) throw new ApiFailure('UNAVAILABLE', 'There are too many unused tickets.')
    const bytes = crypto.getRandomValues(new Uint8Array(TICKET_BYTES))
    const ticket = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    const expiresAt = Math.min(principal.expiresAt, this.#clock.now() + TICKET_LIFETIME_MS)
    this.#tickets.set(ticket, {
      authorization: this.#createAuthorization(request, principal),
      until: this.#clock.monotonic() + TICKET_LIFETIME_MS,
    })
    this.#countByTenant.set(tenantId, (this.#countByTenant.get(tenantId) ?? 0) + 1)
    return { ticket, expiresAt }
  }

  /** Who a request to a stream is from by its ticket, which is used up by that; undefined when it has none. Throws UNAUTHORIZED, the same for every reason. */
  redeem(request: Request): Principal | undefined {
    // Every request comes by here.
    if (!request.url.includes(`${TICKET_PARAMETER}=`)) return undefined
    const { pathname, searchParams } = new URL(request.url)
    if (!TICKET_PATHS.has(pathname)) return undefined
    // An empty one is none, as with headers.
    const sent = searchParams.getAll(TICKET_PARAMETER).filter((ticket) => ticket !== '')
    if (sent.length === 0) return undefined
    this.#dropExpired()
    const issued = this.#tickets.get(sent[0]!)
    if (issued) this.#drop(sent[0]!, issued)
    const { headers } = request
    const hasOtherCredential = Boolean(headers.get('authorization') || headers.get(API_KEY_HEADER))
    if (!issued || this.#isExpired(issued) || sent.length > 1 || hasOtherCredential) throw unauthorized()
    this.#redeemed.set(request, issued.authorization)
    return issued.authorization.principal
  }

  /** What a request to a stream may do, however it said who it is. */
  authorizationOf(request: Request, principal: Principal): LiveAuthorization {
    return this.#redeemed.get(request) ?? this.#createAuthorization(request, principal)
  }

  #createAuthorization({ headers }: Request, principal: Principal): LiveAuthorization {
    const isStillAuthorized = async () => {
      try {
        const { tenantId, scopes } = await this.#authenticate(headers)
        return tenantId === principal.tenantId && scopes.has(READ_SCOPE)
      } catch (error) {
        // Nobody can tell just now.
        return error instanceof ApiFailure && error.code === 'UNAVAILABLE'
      }
    }
    return { principal, isStillAuthorized }
  }

  #dropExpired(): void {
    const now = this.#clock.monotonic()
    for (const [ticket, issued] of this.#tickets) {
      if (issued.until > now) break
      this.#drop(ticket, issued)
    }
  }

  /** Whether the ticket, or the token or key it was made with, is no longer valid. */
  #isExpired({ until, authorization: grant }: IssuedTicket): boolean {
    return until <= this.#clock.monotonic() || grant.principal.expiresAt <= this.#clock.now()
  }

  #drop(ticket: string, { authorization: { principal } }: IssuedTicket): void {
    this.#tickets.delete(ticket)
    const remaining = (this.#countByTenant.get(principal.tenantId) ?? 1) - 1
    if (remaining > 0) this.#countByTenant.set(principal.tenantId, remaining)
    else this.#countByTenant.delete(principal.tenantId)
  }
}
