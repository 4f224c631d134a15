import { ApiFailure, LimitFailure } from '../../base/errors.ts'
import type { Gauge } from '../../base/prometheus.ts'

const MAX_BYTES_PER_TENANT = 32 * 1_048_576
const MAX_BYTES = 256 * 1_048_576
const RETRY_SECONDS = 5

/**
 * Limits the bytes of responses that are held in memory because their clients have not read them yet. One response may always be held, whatever its size.
 */
export class UnreadBytes {
  readonly #byTenant = new Map<string, number>()
  readonly #gauge: Gauge
  #total = 0

  constructor(gauge: Gauge) {
    this.#gauge = gauge
  }

  /**
   * Reserves bytes of a tenant until the returned function is called. Throws a LimitFailure when the tenant holds too many already, and an ApiFailure when all tenants together
   * do.
   */
  reserve(tenantId: string, byteLength: number): () => void {
    const held = this.#byTenant.get(tenantId) ?? 0
    if (held > 0 && held + byteLength > MAX_BYTES_PER_TENANT)
      throw new LimitFailure('concurrency', 'Too many large responses have not been read yet.', RETRY_SECONDS)
    if (this.#total > 0 && this.#total + byteLength > MAX_BYTES)
      throw new ApiFailure('UNAVAILABLE', 'Too many large responses are being sent. Try again later.')
    this.#add(tenantId, byteLength)
    let isHeld = true
    return () => {
      if (isHeld) this.#add(tenantId, -byteLength)
      isHeld = false
    }
  }

  #add(tenantId: string, byteLength: number): void {
    const held = (this.#byTenant.get(tenantId) ?? 0) + byteLength
    if (held === 0) this.#byTenant.delete(tenantId)
    else this.#byTenant.set(tenantId, held)
    this.#total += byteLength
    this.#gauge.set(this.#total)
  }
}
