/** A hash of 64 bits for texts that are compared with each other, such as the links of a message. It does not resist texts that are chosen to collide. */

/** Multipliers of MurmurHash3 (Austin Appleby), and those of a finalizer with little bias (Chris Wellons, hash-prospector). */
const [HIGH_MULTIPLIER, LOW_MULTIPLIER, MIX_1, MIX_2] = [0x85ebca6b, 0xc2b2ae35, 0x7feb352d, 0x846ca68b]
const SEED = 0x9747b28c

/** Puts the two halves of the hash, the low one first, into `target` at `at`. */
function hashText(text: string, target: Uint32Array, at: number): void {
  let high = SEED
  let low = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, HIGH_MULTIPLIER)
    low = Math.imul(low ^ code, LOW_MULTIPLIER)
    high ^= low >>> 15
    low ^= high >>> 13
  }
  target[at] = mix(low)
  target[at + 1] = mix(high ^ low)
}

const halves = new Uint32Array(2)

/** The hash as 16 hexadecimal digits. */
export function textKey(text: string): string {
  hashText(text, halves, 0)
  return hexOf(halves[1]!) + hexOf(halves[0]!)
}

function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), MIX_1)
  mixed = Math.imul(mixed ^ (mixed >>> 15), MIX_2)
  return mixed ^ (mixed >>> 16)
}

function hexOf(word: number): string {
  return word.toString(16).padStart(8, '0')
}
