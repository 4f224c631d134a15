/** A hash of 64 bits for texts that are compared with each other, such as the links of a message. It does not resist texts that are chosen to collide. */
import { HIGH_MULTIPLIER, LOW_MULTIPLIER, mix } from '../base/bytes/mixed-hash.ts'

const SEED = 0x9747b28c

/** The hash as 16 hexadecimal digits. */
export function textKey(text: string): string {
  let high = SEED
  let low = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, HIGH_MULTIPLIER)
    low = Math.imul(low ^ code, LOW_MULTIPLIER)
    high ^= low >>> 15
    low ^= high >>> 13
  }
  return hexOf(mix(high ^ low)) + hexOf(mix(low))
}

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
