/** Writes the 20 bytes of the SHA-1 hash of `bytes` to `target`. */
export type Sha1 = (bytes: Uint8Array, target: Uint8Array) => void

const BLOCK_BYTES = 64
const block = new Uint8Array(BLOCK_BYTES * 2)
const words = new Int32Array(80)
const state = new Int32Array(5)

/** SHA-1 without an object per hash. */
export const portableSha1: Sha1 = (bytes, target) => {
  state[0] = 0x67452301
  state[1] = 0xefcdab89
  state[2] = 0x98badcfe
  state[3] = 0x10325476
  state[4] = 0xc3d2e1f0
  const { length } = bytes
  let at = 0
  for (; at + BLOCK_BYTES <= length; at += BLOCK_BYTES) addBlock(bytes, at)
  const rest = length - at
  const padded = rest < BLOCK_BYTES - 8 ? BLOCK_BYTES : BLOCK_BYTES * 2
  for (let index = 0; index < rest; index++) block[index] = bytes[at + index]!
  block[rest] = 0x80
  block.fill(0, rest + 1, padded)
  // The length in bits; keys of ids are far too short for its upper 32 bits.
  const bits = length * 8
  for (let index = 1; index <= 4; index++) block[padded - index] = bits >>> (8 * (index - 1))
  for (at = 0; at < padded; at += BLOCK_BYTES) addBlock(block, at)
  for (let index = 0; index < 20; index++) target[index] = state[index >> 2]! >>> (24 - (index & 3) * 8)
}

function addBlock(bytes: Uint8Array, at: number): void {
  for (let index = 0; index < 16; index++, at += 4)
    words[index] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  for (let index = 16; index < 80; index++) {
    const word = words[index - 3]! ^ words[index - 8]! ^ words[index - 14]! ^ words[index - 16]!
    words[index] = (word << 1) | (word >>> 31)
  }
  // A destructured array would be made for each block.
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let next: number
  for (let index = 0; index < 20; index++) {
    next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + 0x5a827999 + words[index]!) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (let index = 20; index < 40; index++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + words[index]!) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (let index = 40; index < 60; index++) {
    next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + 0x8f1bbcdc + words[index]!) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (let index = 60; index < 80; index++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0xca62c1d6 + words[index]!) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
}
