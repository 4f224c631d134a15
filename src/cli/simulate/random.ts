/**
 * Reproducible random numbers (the sfc32 generator): equal seeds give equal numbers on every machine. Not for secrets.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1

  /** `seeds` are mixed together; their order matters. */
  constructor(...seeds: readonly (string | number)[]) {
    const hashed = hashText(seeds.join('\u0000'))
    this.a = hashed()
    this.b = hashed()
    this.c = hashed()
    for (let round = 0; round < 12; round++) this.uint32()
  }

  uint32(): number {
    const sum = (this.a + this.b + this.counter++) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum
    this.c |= 0
    return sum >>> 0
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return this.uint32() / 4_294_967_296
  }

  /** A whole number from 0 to `limit - 1`. */
  integerBelow(limit: number): number {
    return Math.floor(this.fraction() * limit)
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.fraction()
  }

  /** True with the given probability (0 to 1). */
  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** One of the items. Throws on an empty list. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.integerBelow(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** `count` different items in random order, or all of them when there are fewer. */
  pickSome<Item>(items: readonly Item[], count: number): Item[] {
    const rest = [...items]
    const picked: Item[] = []
    while (picked.length < count && rest.length > 0) picked.push(...rest.splice(this.integerBelow(rest.length), 1))
    return picked
  }

  /** A log-normal value, as human delays have: half of the values are below `median`, with a long tail above it. */
  logNormal(median: number, spread = 0.8): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()))
    return median * Math.exp(spread * radius * Math.cos(2 * Math.PI * this.fraction()))
  }

  hex(): string {
    const value = this.uint32()
    return upper(value) + lower(value)
  }

  /** A version 4 UUID. */
  uuid(): string {
    const second = (this.uint32() & 0xffff0fff) | 0x00004000
    const third = (this.uint32() & 0x3fffffff) | 0x80000000
    const first = this.uint32()
    const last = this.uint32()
    return `${upper(first)}${lower(first)}-${upper(second)}-${lower(second)}-${upper(third)}-${lower(third)}${upper(last)}${lower(last)}`
  }
}

/** By 16 bits: formatting and padding numbers would take a quarter of the time of a simulation. */
const HEX = Array.from({ length: 0x1_0000 }, (_, bits) => bits.toString(16).padStart(4, '0'))
const upper = (value: number) => HEX[value >>> 16]!
const lower = (value: number) => HEX[value & 0xffff]!

/** Hashes a text into a stream of 32-bit seeds (xmur3). */
function hashText(text: string): () => number {
  let hash = 1_779_033_703 ^ text.length
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 3_432_918_353)
    hash = (hash << 13) | (hash >>> 19)
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507)
    hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909)
    hash ^= hash >>> 16
    return hash
  }
}
