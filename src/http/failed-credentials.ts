import type { Clock } from '../clock.ts'
import { ApiFailure, LimitFailure } from '../errors.ts'
import { countedAs } from './client-address.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Addresses remembered for having failed. */
const MAX_ADDRESSES = 10_000
/** Credentials remembered for being good. */
const MAX_KNOWN = 1_000

/**
 * Makes guessing slow: an address whose credentials were refused too often is refused unseen until it has waited. A credential that was good before is looked at all the
 * same, so that whoever guesses from behind a shared address locks nobody out who is in. A request without a credential is no guess.
 */
export class FailedCredentials {
  readonly #failures: TokenBuckets | undefined
  readonly #known = new Set<string>()

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
  async check<Principal>(
    client: string,
    credential: string | null,
    verify: () => Promise<Principal>,
  ): Promise<Principal> {
    const failures = this.#failures
    if (!failures || credential === null) return verify()
    const key = countedAs(client)
    if (failures.left(key) < 1 && !this.#known.has(credential))
      throw new LimitFailure('credentials', 'Too many credentials were refused.', failures.secondsUntil(key, 1))
    try {
      const principal = await verify()
      this.#remember(credential)
      return principal
    } catch (error) {
      if (error instanceof ApiFailure && error.code === 'UNAUTHORIZED') {
        failures.take(key, 1)
        this.#known.delete(credential)
      }
      throw error
    }
  }

  #remember(credential: string): void {
    if (this.#known.has(credential)) return
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.add(credential)
  }
}
