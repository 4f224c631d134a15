import { describe, expect, test } from 'bun:test'
import { loadFilter, saveFilter } from '../../../../src/clickhouse/filter/stored-id-file.ts'
import { HIGH_PRECISION, StoredIdFilter } from '../../../../src/clickhouse/filter/stored-id-filter.ts'
import { MemoryFile } from '../../../support/store/memory-file.ts'

const MIB = 1_048_576
const ID_BYTES = 16
const PARTS = new Set(['a part', 'ä part'])
const never = () => false

/** Ids whose bits are random, reproducible by the seed. */
function randomIds(count: number, seed: number): Uint8Array {
  const words = new Uint32Array(count * (ID_BYTES / 4))
  let state = seed
  for (let at = 0; at < words.length; at++) {
    state = (state + 0x9e3779b9) | 0
    let word = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    words[at] = word ^ (word >>> 16)
  }
  return new Uint8Array(words.buffer)
}

async function savedFile(ids: Uint8Array, maxBytes = 8 * MIB) {
  const filter = new StoredIdFilter(maxBytes)
  filter.add(ids)
  const file = new MemoryFile()
  await saveFilter(file, { filter, parts: PARTS }, never)
  return { file, filter }
}

describe('the file of the filter of stored ids', () => {
  const ids = randomIds(40_000, 1)

  test('brings back the filter and the parts that it covers', async () => {
    const { file, filter } = await savedFile(ids)
    const loaded = await loadFilter(file, new StoredIdFilter(8 * MIB), never)
    expect(loaded!.parts).toEqual(PARTS)
    expect(loaded!.filter.idCount).toBe(filter.idCount)
    expect(loaded!.filter.candidates(ids).length).toBe(40_000)
    const others = randomIds(40_000, 2)
    expect(loaded!.filter.candidates(others)).toEqual(filter.candidates(others))
  })

  test('has every id that was added before the call, and is valid, when ids are added while it is written', async () => {
    const filter = new StoredIdFilter(8 * MIB)
    filter.add(ids)
    const file = new MemoryFile()
    let at = 0
    const added = randomIds(40_000, 3)
    await saveFilter(file, { filter, parts: PARTS }, () => {
      filter.add(added.subarray(at, (at += 20_000 * ID_BYTES)))
      return false
    })
    expect(at).toBeGreaterThan(20_000 * ID_BYTES)
    expect((await loadFilter(file, new StoredIdFilter(8 * MIB), never))!.filter.candidates(ids).length).toBe(40_000)
  })

  test('is rejected after the loss of any bit, a missing end, and exchanged chunks', async () => {
    const { file } = await savedFile(ids)
    const whole = file.bytes!
    const failureOf = async (bytes: Uint8Array) => {
      file.bytes = bytes
      return loadFilter(file, new StoredIdFilter(8 * MIB), never).then(
        () => 'loaded',
        () => 'rejected',
      )
    }
    expect(await failureOf(whole)).toBe('loaded')
    expect(await failureOf(whole.subarray(0, whole.length - 1))).toBe('rejected')
    expect(await failureOf(new Uint8Array(0))).toBe('rejected')
    expect(await failureOf(new Uint8Array(whole.length))).toBe('rejected')
    for (let at = 0; at < whole.length; at += Math.floor(whole.length / 60)) {
      const damaged = whole.slice()
      damaged[at]! ^= 1 << (at % 8)
      expect(await failureOf(damaged)).toBe('rejected')
    }
    const chunkBytes = 262_145 * 4
    const first =
      whole.length % chunkBytes === 0 ? 0 : whole.length - Math.floor(whole.length / chunkBytes) * chunkBytes
    const exchanged = whole.slice()
    exchanged.set(whole.subarray(first, first + chunkBytes), first + chunkBytes)
    exchanged.set(whole.subarray(first + chunkBytes, first + 2 * chunkBytes), first)
    expect(exchanged).not.toEqual(whole)
    expect(await failureOf(exchanged)).toBe('rejected')
  })

  test('is not used with another limit of memory or another precision, and not read further when ended', async () => {
    const { file } = await savedFile(ids)
    expect(await loadFilter(file, new StoredIdFilter(16 * MIB), never)).toBeUndefined()
    expect(await loadFilter(file, new StoredIdFilter(8 * MIB, HIGH_PRECISION), never)).toBeUndefined()
    expect(await loadFilter(file, new StoredIdFilter(8 * MIB), () => true)).toBeUndefined()
    expect(await loadFilter(new MemoryFile(), new StoredIdFilter(8 * MIB), never)).toBeUndefined()
  })

  test('is not replaced when the writing was ended', async () => {
    const { file, filter } = await savedFile(ids)
    const before = file.bytes
    await saveFilter(file, { filter, parts: PARTS }, () => true).catch(() => {})
    expect(file.bytes).toBe(before)
  })
})
