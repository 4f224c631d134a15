import { expect, test } from 'bun:test'
import { HIGH_PRECISION, StoredIdFilter } from '../../../../src/clickhouse/filter/stored-id-filter.ts'
import { chanceOf } from '../../../support/base/random.ts'
import { fc } from '../../../support/base/properties.ts'

const MIB = 1_048_576
const ID_BYTES = 16

/** Random ids with the version and the variant of a UUIDv5, in the layout of the engine. */
function randomIds(count: number, seed: number): Uint8Array {
  const chance = chanceOf(seed)
  const words = new Uint32Array(count * 4).map(() => chance.next() * 2 ** 32)
  const ids = new Uint8Array(words.buffer)
  for (let at = 0; at < ids.length; at += ID_BYTES) {
    ids[at + 1] = (ids[at + 1]! & 0x0f) | 0x50
    ids[at + 15] = (ids[at + 15]! & 0x3f) | 0x80
  }
  return ids
}

const countCandidates = (filter: StoredIdFilter, ids: Uint8Array) => filter.candidates(ids).length

test('never misses an id that was added, whatever its bits, its alignment and the memory', () => {
  const id = fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES })
  fc.assert(
    fc.property(fc.array(id, { maxLength: 200 }), fc.nat(3), fc.constantFrom(1, 64, 640, MIB), (list, shift, bytes) => {
      const ids = new Uint8Array(list.length * ID_BYTES + shift).subarray(shift)
      for (const [index, one] of list.entries()) ids.set(one, index * ID_BYTES)
      const filter = new StoredIdFilter(bytes)
      const half = Math.floor(list.length / 2) * ID_BYTES
      filter.add(ids.subarray(0, half))
      filter.add(Uint8Array.from(list.slice(half / ID_BYTES).flatMap((one) => [...one.subarray(8)])), 8)
      expect([...filter.candidates(ids)]).toEqual(list.map((_, index) => index))
    }),
  )
})

test('never misses an id after it has grown beyond its first segments and beyond its memory', () => {
  // The first segment takes 2.9 MiB; with 3 MiB the second one is small and the memory is soon used up.
  for (const maxBytes of [3 * MIB, 8 * MIB]) {
    const filter = new StoredIdFilter(maxBytes)
    const seeds = Array.from({ length: 25 }, (_, seed) => seed)
    for (const seed of seeds) filter.add(randomIds(100_000, seed))
    for (const seed of seeds) expect(countCandidates(filter, randomIds(100_000, seed))).toBe(100_000)
    expect(filter.byteCount).toBeLessThanOrEqual(maxBytes)
  }
})

test('takes 12 bits per id and passes less than 1 % of other ids; with less memory more of them, but not all', () => {
  const added = [1, 2, 3, 4].map((seed) => randomIds(500_000, seed))
  const others = randomIds(50_000, 99)
  const wrongShare = (maxBytes: number) => {
    const filter = new StoredIdFilter(maxBytes)
    filter.reserve(2_000_000)
    for (const ids of added) filter.add(ids)
    return countCandidates(filter, others) / 50_000
  }
  expect(wrongShare(64 * MIB)).toBeLessThan(0.01)
  const crowded = wrongShare(1.5 * MIB)
  expect(crowded).toBeGreaterThan(0.01)
  expect(crowded).toBeLessThan(0.2)
})

test('passes fewer than 0.02 % of other ids with the high precision, also when they are hashes', () => {
  const filter = new StoredIdFilter(16 * MIB, HIGH_PRECISION)
  const halves = new Uint8Array(randomIds(500_000, 1).buffer)
  filter.reserve(1_000_000)
  filter.add(halves, 8)
  expect(filter.candidates(halves, undefined, 8)).toHaveLength(1_000_000)
  expect(countCandidates(filter, randomIds(200_000, 99))).toBeLessThan(40)
})

test('takes no space for ids that are added again', () => {
  const filter = new StoredIdFilter(64 * MIB)
  const ids = randomIds(1_500_000, 5)
  filter.add(ids)
  const { byteCount } = filter
  filter.add(ids)
  expect(filter.byteCount).toBe(byteCount)
})
