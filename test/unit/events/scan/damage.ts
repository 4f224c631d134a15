import type { Chance } from '../../../support/base/random.ts'

const STRUCTURE = [...new TextEncoder().encode('{}[]":,\\ \t\n0123456789-.eEtfnu_')]
const ODD_BYTES = [0x00, 0x1f, 0x7f, 0x80, 0xc0, 0xc3, 0xed, 0xa0, 0xef, 0xbb, 0xbf, 0xf0, 0x9f, 0xf5, 0xff]

/** A copy of the message with some bytes changed. */
export function damage(message: Uint8Array, chance: Chance): Uint8Array {
  let damaged = [...message]
  for (let count = 1 + chance.below(3); count > 0; count--) damaged = damageOnce(damaged, chance)
  return Uint8Array.from(damaged)
}

function damageOnce(bytes: number[], chance: Chance): number[] {
  const at = chance.below(bytes.length)
  const end = Math.min(bytes.length, at + 1 + chance.below(30))
  switch (chance.below(7)) {
    case 0:
      return bytes.with(at, byteOf(chance))
    case 1:
      return bytes.toSpliced(at, 0, byteOf(chance))
    case 2:
      return bytes.toSpliced(at, 1)
    case 3:
      return bytes.toSpliced(at, end - at)
    case 4:
      // A part twice: often a field.
      return bytes.toSpliced(chance.below(bytes.length), 0, ...bytes.slice(at, end))
    case 5:
      return chance.hits(0.5) ? [...bytes, byteOf(chance)] : [0xef, 0xbb, 0xbf, ...bytes]
    default:
      return repeatField(bytes, chance)
  }
}

/** Repeats a field of an object, perhaps with a changed value. */
function repeatField(bytes: number[], chance: Chance): number[] {
  const text = String.fromCharCode(...bytes)
  const fields = [...text.matchAll(/"\w+":(?:"[^"]*"|\d+|null),/g)]
  if (fields.length === 0) return bytes
  const [field] = chance.pick(fields)
  const place = chance.pick(fields).index
  const repeated = chance.hits(0.5) ? field : field.replace(/.",$/, 'x",')
  return bytes.toSpliced(place, 0, ...Array.from(repeated, (character) => character.charCodeAt(0)))
}

function byteOf(chance: Chance): number {
  return chance.hits(0.6) ? chance.pick(STRUCTURE) : chance.hits(0.5) ? chance.pick(ODD_BYTES) : chance.below(256)
}
