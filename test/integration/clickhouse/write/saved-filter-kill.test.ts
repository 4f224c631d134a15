import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const TIMEOUT_MS = 60_000
const directory = mkdtempSync(join(tmpdir(), 'outreach-filter-'))
const path = join(directory, 'clickhouse')
const file = `${path}.ids`
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function run(task: string) {
  const script = join(import.meta.dir, '../../../support/store/filter-process.ts')
  const child = Bun.spawn([process.execPath, script, path, task], { stdout: 'pipe', stderr: 'inherit' })
  const output = await new Response(child.stdout).text()
  await child.exited
  return { signal: child.signalCode, output }
}

test(
  'a process finds what its killed predecessor stored after the file of the filter was written',
  async () => {
    expect((await run('store')).signal).toBe('SIGKILL')
    expect(statSync(file).size).toBeGreaterThan(60_000)
    // What a kill while the file is replaced leaves.
    writeFileSync(`${file}.new`, 'incomplete')
    const found = JSON.parse((await run('find')).output) as { found: number; ids: number }
    expect(found.found).toBe(500)
    expect(found.ids).toBeGreaterThan(60_000)
    rmSync(file)
    expect(JSON.parse((await run('find')).output)).toMatchObject({ found: 500 })
    expect(existsSync(file)).toBe(false)
  },
  TIMEOUT_MS,
)
