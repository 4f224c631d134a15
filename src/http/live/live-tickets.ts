/**
 * Live tickets: a browser cannot send headers with an EventSource or a WebSocket, so it requests a ticket with its credentials and puts the ticket into the address of the
 * stream. A ticket opens one stream within half a minute: found later in the log of a proxy, it is useless.
 */
import { toHex } from '../../base/bytes/hexadecimal.ts'
import type { Clock } from '../../base/clock.ts'
import { ApiFailure } from '../../base/errors.ts'
import { type Authenticate, type Principal, unauthorized } from '../auth/authenticator.ts'
import { API_KEY_HEADER } from '../auth/credential-headers.ts'
import { ROUTES } from '../routes.ts'

const TICKET_LIFETIME_MS = 30_000
const MAX_TICKETS_PER_TENANT = 1_000
const MAX_TICKETS = 50_000
const TICKET_BYTES = 32

/** In the address of a stream. */
const TICKET_PARAMETER = 'ticket'
const TICKET_PATHS: ReadonlySet<string> = new Set([ROUTES.live.path, ROUTES.liveSocket.path])

/** The principal that reads a stream, and the check whether it still may. */
export interface LiveAuthorization {
  readonly principal: Principal
  readonly isStillAuthorized: () => Promise<boolean>
}

interface IssuedTicket {
  readonly authorization: LiveAuthorization
  /** When the ticket expires, by the monotonic clock. */
  readonly until: number
}

export class LiveTickets {
  readonly #authenticate: Authenticate
  readonly #clock: Clock
  /** Every ticket has the same lifetime: the oldest comes first and expires first. */
  readonly #tickets = new Map<string, IssuedTicket>()
  readonly #countByTenant = new Map<string, number>()

  constructor(authenticate: Authenticate, clock: Clock) {
    this.#authenticate = authenticate
    this.#clock = clock
  }

  /** Makes a ticket for the client that sent the headers. Throws when there are too many unused tickets. */
  issue(headers: Headers, principal: Principal): { readonly ticket: string; readonly expiresAt: number } {
    this.#dropExpired()
    const { tenantId } = principal
    if ((this.#countByTenant.get(tenantId) ?? 0) >= MAX_TICKETS_PER_TENANT)
      throw new ApiFailure('RATE_LIMITED', 'There are too many unused tickets.')
    if (this.#tickets.size >= MAX_TICKETS) throw new ApiFailure('UNAVAILABLE', 'There are too many unused tickets.')
    const bytes = crypto.getRandomValues(new Uint8Array(TICKET_BYTES))
    const ticket = toHex(bytes)
    const expiresAt = Math.min(principal.expiresAt, this.#clock.now() + TICKET_LIFETIME_MS)
    this.#tickets.set(ticket, {
      authorization: this.authorizationOf(headers, principal),
      until: this.#clock.monotonic() + TICKET_LIFETIME_MS,
    })
    this.#countByTenant.set(tenantId, (this.#countByTenant.get(tenantId) ?? 0) + 1)
    return { ticket, expiresAt }
  }

  /**
   * The authorization that the ticket in the address of a stream stands for; the ticket is used up. Undefined for an address without a ticket. Throws UNAUTHORIZED, the same
   * for every reason.
   */
  redeem(url: URL, headers: Headers): LiveAuthorization | undefined {
    if (!TICKET_PATHS.has(url.pathname) || !url.search.includes(`${TICKET_PARAMETER}=`)) return undefined
    // An empty ticket counts as none, as with headers.
    const sent = url.searchParams.getAll(TICKET_PARAMETER).filter((ticket) => ticket !== '')
    if (sent.length === 0) return undefined
    this.#dropExpired()
    const issued = this.#tickets.get(sent[0]!)
    if (issued) this.#drop(sent[0]!, issued)
    const hasOtherCredential = Boolean(headers.get('authorization') || headers.get(API_KEY_HEADER))
    if (!issued || this.#isExpired(issued) || sent.length > 1 || hasOtherCredential) throw unauthorized()
    return issued.authorization
  }

  /** The authorization of a client by the headers that it sent. */
  authorizationOf(headers: Headers, principal: Principal): LiveAuthorization {
    const isStillAuthorized = async () => {
      try {
        const { tenantId, scopes } = await this.#authenticate(headers)
        return tenantId === principal.tenantId && scopes.has(ROUTES.live.access)
      } catch (error) {
        // When the credentials cannot be checked right now, the stream goes on.
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

  /** Whether the ticket, or the token or key that it was requested with, has expired. */
  #isExpired({ until, authorization }: IssuedTicket): boolean {
    return until <= this.#clock.monotonic() || authorization.principal.expiresAt <= this.#clock.now()
  }

  #drop(ticket: string, { authorization: { principal } }: IssuedTicket): void {
    this.#tickets.delete(ticket)
    const remaining = (this.#countByTenant.get(principal.tenantId) ?? 1) - 1
    if (remaining > 0) this.#countByTenant.set(principal.tenantId, remaining)
    else this.#countByTenant.delete(principal.tenantId)
  }
}
