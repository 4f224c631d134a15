import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { portableSha1 } from '../../../../src/base/bytes/sha1.ts'

test('the portable SHA-1 is that of the runtime, for all lengths around the ends of its blocks', () => {
  const hash = new Uint8Array(20)
  for (let length = 0; length < 300; length++) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length * 7) & 0xff)
    portableSha1(bytes, hash)
    expect(Buffer.from(hash).toString('hex')).toBe(createHash('sha1').update(bytes).digest('hex'))
  }
})
