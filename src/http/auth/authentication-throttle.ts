import type { Clock } from '../../base/clock.ts'
import { ApiFailure, LimitFailure } from '../../base/errors.ts'
import { rateLimitKeyOf } from '../pipeline/client-address.ts'
import { TokenBuckets } from '../limits/token-buckets.ts'

/** Addresses remembered for having failed. */
const MAX_ADDRESSES = 10_000
/** Credentials remembered for being good. */
const MAX_VERIFIED_CREDENTIALS = 1_000

/**
 * Makes guessing slow: an address whose credentials were refused too often is refused unseen until it has waited. A credential that was good before is looked at all the
 * same, so that whoever guesses from behind a shared address locks nobody out who is in. A request without a credential is no guess.
 */
export class AuthenticationThrottle {
  readonly #failures: TokenBuckets | undefined
  readonly #verified = new Set<string>()

  /** So many failures a minute and address, and as many at once; 0 = any number. */
  constructor({ perMinute, clock }: { readonly perMinute: number; readonly clock: Clock }) {
    if (perMinute === 0) return
    this.#failures = new TokenBuckets({
      tokensPerSecond: perMinute / 60,
      capacity: perMinute,
      maxBuckets: MAX_ADDRESSES,
      clock,
    })
  }

  /** Runs `verify` unless the client has to wait; rejects with its failure, which counts if it is UNAUTHORIZED, or with a LimitFailure. */
  async authenticate<Principal>(
    client: string,
    credential: string | null,
    verify: () => Promise<Principal>,
  ): Promise<Principal> {
    const failures = this.#failures
    if (!failures || credential === null) return verify()
    const key = rateLimitKeyOf(client)
    if (failures.remaining(key) < 1 && !this.#verified.has(credential))
      throw new LimitFailure('authentication', 'Too many credentials were refused.', failures.secondsUntil(key, 1))
    try {
      const principal = await verify()
      this.#remember(credential)
      return principal
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'UNAUTHORIZED') {
        failures.tryTake(key, 1)
        this.#verified.delete(credential)
      }
      throw error
    }
  }

  #remember(credential: string): void {
    if (this.#verified.has(credential)) return
    if (this.#verified.size >= MAX_VERIFIED_CREDENTIALS) this.#verified.clear()
    this.#verified.add(credential)
  }
}
