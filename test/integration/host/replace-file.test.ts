import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readOrCreateDevelopmentSecret } from '../../../src/host/project-files.ts'
import { replaceFile } from '../../../src/host/data-directory/replace-file.ts'

const projectDir = resolve(import.meta.dir, '../../..')

describe('a file that is written', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'outreach-files-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  /** Runs a statement in a process that may write no byte into a file, as on a disk that is full. */
  function runWithoutRoom(statement: string): number | null {
    const script = `import { readDevelopmentSecret } from '../../../src/host/project-files.ts'
      import { replaceFile } from '../../../src/host/data-directory/replace-file.ts'
      const directory = process.argv[1]
      try { ${statement} } catch (error) { process.exit(error.code === 'EFBIG' ? 28 : 1) }`
    const line = `trap '' XFSZ; ulimit -f 0; exec "$0" -e "$1" "$2"`
    const env = { PATH: process.env['PATH'] ?? '', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' }
    return spawnSync('sh', ['-c', line, process.execPath, script, directory], { cwd: projectDir, env }).status
  }

  test('replaces the one before as a whole, and is for its owner alone', () => {
    const file = join(directory, 'place')
    writeFileSync(file, 'a long content before', { mode: 0o644 })
    replaceFile(file, 'new')
    expect(readFileSync(file, 'utf8')).toBe('new')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(directory)).toEqual(['place'])
  })

  test('leaves the one before in place when there is no room, and nothing beside it', () => {
    const file = join(directory, 'place')
    replaceFile(file, 'before')
    expect(runWithoutRoom(`replaceFile(directory + '/place', 'new')`)).toBe(28)
    expect(readFileSync(file, 'utf8')).toBe('before')
    expect(readdirSync(directory)).toEqual(['place'])
  })

  test('the development secret: a first start without room leaves nothing that stops the next one', () => {
    expect(runWithoutRoom('readDevelopmentSecret(directory)')).toBe(28)
    const secret = readOrCreateDevelopmentSecret(directory)
    expect(secret.length).toBeGreaterThanOrEqual(32)
    expect(readOrCreateDevelopmentSecret(directory)).toBe(secret)
  })

  test('an empty development secret, as earlier versions left it, is made anew; a damaged one is told of', () => {
    const file = join(directory, 'development-secret')
    writeFileSync(file, '')
    expect(readOrCreateDevelopmentSecret(directory).length).toBeGreaterThanOrEqual(32)
    writeFileSync(file, 'short')
    expect(() => readOrCreateDevelopmentSecret(directory)).toThrow('is damaged')
  })
})
