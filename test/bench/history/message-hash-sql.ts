/** The hash of a message as SQL, step by step as in src/clickhouse/facts/message-hash.ts. */
import { HIGH_MULTIPLIER, LOW_MULTIPLIER } from '../../../src/base/bytes/mixed-hash.ts'
import { MESSAGE_HASH_SEEDS } from '../../../src/clickhouse/facts/message-hash.ts'
import { TENANTS } from './history-sql.ts'

const PREFIX = 'm-'

/** The state of the hash before the digits of the message's number, by tenant. */
const states = Array.from({ length: TENANTS }, (_, tenant) => {
  let [high, low]: [number, number] = [...MESSAGE_HASH_SEEDS]
  for (const character of `tenant-${tenant + 1}/${PREFIX}`) {
    const byte = character.charCodeAt(0)
    high = Math.imul(high ^ byte, HIGH_MULTIPLIER)
    low = Math.imul(low ^ byte, LOW_MULTIPLIER)
    // The step of the separator ends here.
    if (character === '/') continue
    high ^= low >>> 15
    low ^= high >>> 13
  }
  return [high >>> 0, low >>> 0] as const
})

const imul = (word: string, by: number) => `toUInt32(toUInt64(${word}) * ${by})`
const shiftXor = (word: string, other: string, bits: number) => `bitXor(${word}, bitShiftRight(${other}, ${bits}))`

/** A digit of the number: high and low are the upper and the lower half of `state`. */
const stepSql = (() => {
  const low = imul('bitXor(toUInt32(state), toUInt32(byte))', LOW_MULTIPLIER)
  const high = shiftXor(imul('bitXor(toUInt32(bitShiftRight(state, 32)), toUInt32(byte))', HIGH_MULTIPLIER), low, 15)
  return `bitOr(bitShiftLeft(toUInt64(${high}), 32), toUInt64(${shiftXor(low, high, 13)}))`
})()

function mixSql(word: string): string {
  const first = imul(shiftXor(word, word, 16), 0x7feb352d)
  const second = imul(shiftXor(first, first, 15), 0x846ca68b)
  return shiftXor(second, second, 16)
}

const stateOf = (index: 0 | 1) => `[${states.map((state) => state[index]).join(', ')}][toUInt8(tenant) + 1]`
const bytesSql = 'arrayMap(place -> ascii(substring(toString(n), place, 1)), range(1, length(toString(n)) + 1))'
const foldSql = `arrayFold((state, byte) -> ${stepSql}, ${bytesSql}, bitOr(bitShiftLeft(toUInt64(${stateOf(0)}), 32), toUInt64(${stateOf(1)})))`

/** The hash of the message with the number `n` of `tenant`. */
export const messageHashSql = `arrayMap(state ->
      bitOr(bitShiftLeft(toUInt64(${mixSql('bitXor(toUInt32(bitShiftRight(state, 32)), toUInt32(state))')}), 32), toUInt64(${mixSql('toUInt32(state)')})),
      [${foldSql}])[1]`
