import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyStore, fingerprintOf } from '../../bench/history/copy-store.ts'

let root = ''
let source = ''
let copy = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'outreach-copy-'))
  ;[source, copy] = [join(root, 'source'), join(root, 'copy')]
  mkdirSync(join(source, 'part', 'counts.proj'), { recursive: true })
  for (const file of ['part/checksums.txt', 'part/id.bin', 'part/counts.proj/checksums.txt', 'part/counts.proj/n.bin'])
    writeFileSync(join(source, file), file)
  for (const file of ['format_version.txt', 'log.bin']) writeFileSync(join(source, file), file)
  copyStore(source, copy)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

const inode = (folder: string, file: string) => statSync(join(folder, file)).ino

describe('the copy of a store', () => {
  test.each(['part/id.bin', 'part/counts.proj/n.bin'])('shares the column %s', (file) => {
    expect(inode(copy, file)).toBe(inode(source, file))
  })

  test.each(['part/checksums.txt', 'part/counts.proj/checksums.txt', 'format_version.txt', 'log.bin'])(
    'has its own %s',
    (file) => {
      expect(inode(copy, file)).not.toBe(inode(source, file))
      expect(readFileSync(join(copy, file), 'utf8')).toBe(file)
    },
  )

  test('leaves the store as it was, also when files of the copy are changed and columns removed', () => {
    const before = fingerprintOf(source)
    writeFileSync(join(copy, 'format_version.txt'), 'changed')
    rmSync(join(copy, 'part'), { recursive: true })
    expect(fingerprintOf(source)).toBe(before)
  })

  test('shows by the fingerprint of the store that a shared column was changed', () => {
    const before = fingerprintOf(source)
    appendFileSync(join(copy, 'part/id.bin'), 'more')
    expect(fingerprintOf(source)).not.toBe(before)
  })
})
