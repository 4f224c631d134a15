import type { Clock } from '../../base/clock.ts'
import { ApiFailure, LimitFailure } from '../../base/errors.ts'
import { rateLimitKeyOf } from '../pipeline/client-address.ts'
import { TokenBuckets } from '../limits/token-buckets.ts'

/** Client addresses with failures that are kept. */
const MAX_ADDRESSES = 10_000
/** Valid credentials that are kept. */
const MAX_VERIFIED_CREDENTIALS = 1_000

/**
 * Slows down guessing: when credentials from an address were refused too often, further ones are refused without a check until the address has waited. A credential that was valid
 * before is still checked, so that an attacker behind a shared address cannot lock out its other users. A request without a credential does not count.
 */
export class AuthenticationThrottle {
  readonly #failures: TokenBuckets | undefined
  readonly #verified = new Set<string>()

  /** Failures per minute and address, of which all may come at once; 0 = unlimited. */
  constructor({ perMinute, clock }: { readonly perMinute: number; readonly clock: Clock }) {
    if (perMinute === 0) return
    this.#failures = new TokenBuckets({
      tokensPerSecond: perMinute / 60,
      capacity: perMinute,
      maxBuckets: MAX_ADDRESSES,
      clock,
    })
  }

  /** Runs `verify` unless the client has to wait. Rejects with the failure of `verify`, which counts if it is UNAUTHORIZED, or with a LimitFailure. */
  async authenticate<Principal>(
    client: string,
    credential: string | null,
    verify: () => Promise<Principal>,
  ): Promise<Principal> {
    const failures = this.#failures
    if (!failures || credential === null) return verify()
    if (!this.#verified.has(credential)) this.#requireFailuresLeft(failures, rateLimitKeyOf(client))
    try {
      const principal = await verify()
      this.#remember(credential)
      return principal
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'UNAUTHORIZED') {
        failures.tryTake(rateLimitKeyOf(client), 1)
        this.#verified.delete(credential)
      }
      throw error
    }
  }

  #requireFailuresLeft(failures: TokenBuckets, key: string): void {
    if (failures.remaining(key) < 1)
      throw new LimitFailure('authentication', 'Too many credentials were refused.', failures.secondsUntil(key, 1))
  }

  #remember(credential: string): void {
    if (this.#verified.has(credential)) return
    if (this.#verified.size >= MAX_VERIFIED_CREDENTIALS) this.#verified.clear()
    this.#verified.add(credential)
  }
}
