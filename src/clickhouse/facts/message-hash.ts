/** The hash by which the facts of a message are found: 64 bits of the tenant and the message id in UTF-8. Two messages may share it. */
import { HIGH_MULTIPLIER, LOW_MULTIPLIER, mix } from '../../base/bytes/mixed-hash.ts'

/** Of the high and the low half. */
export const MESSAGE_HASH_SEEDS = [0x9747b28c, 0x3c6ef372] as const
const [HIGH_SEED, LOW_SEED] = MESSAGE_HASH_SEEDS
/** A tenant id cannot contain it. */
const SEPARATOR = 0x2f

/** Puts the two halves of the hash, the low one first, into `target` at `at`. The message id stands at `from` to `to` of `source`. */
export function hashMessage(
  tenant: Uint8Array,
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint32Array,
  at: number,
): void {
  let high: number = HIGH_SEED
  let low: number = LOW_SEED
  for (let offset = 0; offset < tenant.length; offset++) {
    const byte = tenant[offset]!
    high = Math.imul(high ^ byte, HIGH_MULTIPLIER)
    low = Math.imul(low ^ byte, LOW_MULTIPLIER)
    high ^= low >>> 15
    low ^= high >>> 13
  }
  high = Math.imul(high ^ SEPARATOR, HIGH_MULTIPLIER)
  low = Math.imul(low ^ SEPARATOR, LOW_MULTIPLIER)
  for (let offset = from; offset < to; offset++) {
    const byte = source[offset]!
    high = Math.imul(high ^ byte, HIGH_MULTIPLIER)
    low = Math.imul(low ^ byte, LOW_MULTIPLIER)
    high ^= low >>> 15
    low ^= high >>> 13
  }
  target[at] = mix(low)
  target[at + 1] = mix(high ^ low)
}
