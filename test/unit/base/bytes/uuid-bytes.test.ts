import { expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { parse } from 'uuid'
import { toHex } from '../../../../src/base/bytes/hexadecimal.ts'
import { storedUuidTexts, UUID_BYTES, uuidText, writeStoredUuid } from '../../../../src/base/bytes/uuid-bytes.ts'

test('a UUID has the same text from its bytes in either order', () => {
  const uuids = fc.array(fc.uuid(), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(uuids, (texts) => {
      const stored = new Uint8Array(texts.length * UUID_BYTES)
      for (const [index, text] of texts.entries()) {
        expect(uuidText(parse(text))).toBe(text)
        expect(toHex(parse(text))).toBe(text.replaceAll('-', ''))
        writeStoredUuid(text.toUpperCase(), stored, index * UUID_BYTES)
      }
      expect(storedUuidTexts(stored)).toEqual(texts)
    }),
  )
})

test('the stored form has each half in reverse order', () => {
  const stored = new Uint8Array(UUID_BYTES)
  writeStoredUuid('00010203-0405-0607-0809-0a0b0c0d0e0f', stored, 0)
  expect([...stored]).toEqual([7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8])
})
