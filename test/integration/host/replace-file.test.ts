import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readOrCreateDevelopmentSecret } from '../../../src/host/data-directory/development-secret.ts'
import { replaceFile } from '../../../src/host/data-directory/replace-file.ts'

const projectDir = resolve(import.meta.dir, '../../..')

describe('a replaced file', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'outreach-files-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  /** Runs a statement in a process that can write no byte into a file, as on a full disk. */
  function runWithoutRoom(statement: string): number | null {
    const script = `import { readOrCreateDevelopmentSecret } from './src/host/data-directory/development-secret.ts'
      import { replaceFile } from './src/host/data-directory/replace-file.ts'
      const directory = process.argv[1]
      try { ${statement} } catch (error) { process.exit(error.code === 'EFBIG' ? 28 : 1) }`
    const line = `trap '' XFSZ; ulimit -f 0; exec "$0" -e "$1" "$2"`
    const env = { PATH: process.env['PATH'] ?? '', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' }
    return spawnSync('sh', ['-c', line, process.execPath, script, directory], { cwd: projectDir, env }).status
  }

  test('replaces the old content as a whole, readable by its owner only', () => {
    const file = join(directory, 'place')
    writeFileSync(file, 'a long content before', { mode: 0o644 })
    replaceFile(file, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(directory)).toEqual(['place'])
  })

  test('keeps the old content on a full disk, and leaves no other file', () => {
    const file = join(directory, 'place')
    replaceFile(file, 'before')
    expect(runWithoutRoom(`replaceFile(directory + '/place', 'new')`)).toBe(28)
    expect(readFileSync(file, 'utf8')).toBe('before')
    expect(readdirSync(directory)).toEqual(['place'])
  })

  test('the development secret: a first start on a full disk leaves no file that prevents the next one', () => {
    expect(runWithoutRoom('readOrCreateDevelopmentSecret(directory)')).toBe(28)
    const secret = readOrCreateDevelopmentSecret(directory)
    expect(secret.length).toBeGreaterThanOrEqual(32)
    expect(readOrCreateDevelopmentSecret(directory)).toBe(secret)
  })

  test('an empty development secret is generated again; a damaged one is an error', () => {
    const file = join(directory, 'development-secret')
    writeFileSync(file, '')
    expect(readOrCreateDevelopmentSecret(directory).length).toBeGreaterThanOrEqual(32)
    writeFileSync(file, 'short')
    expect(() => readOrCreateDevelopmentSecret(directory)).toThrow('is damaged')
  })
})
