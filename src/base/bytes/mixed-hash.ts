/** The steps that the hashes of texts and of messages share. They do not resist input that is chosen to collide. */

/** Multipliers of MurmurHash3 (Austin Appleby). */
export const [HIGH_MULTIPLIER, LOW_MULTIPLIER] = [0x85ebca6b, 0xc2b2ae35] as const

/** A finalizer with little bias (Chris Wellons, hash-prospector). */
export function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return mixed ^ (mixed >>> 16)
}
