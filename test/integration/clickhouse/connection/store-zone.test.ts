import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const STARTING_MS = 30_000

// Partitions are months in the time zone of the engine, which is that of the machine. An insert into two partitions is not atomic.
test.each(['America/New_York', 'Pacific/Kiritimati', 'Asia/Kathmandu'])(
  'on a machine in %s, instants, results and the number of partitions per block are the same',
  async (zone) => {
    const directory = mkdtempSync(join(tmpdir(), 'outreach-zone-'))
    const child = Bun.spawn(
      [process.execPath, join(import.meta.dir, '../../../support/store/zone-process.ts'), directory],
      {
        env: { ...process.env, TZ: zone },
        stderr: 'pipe',
      },
    )
    const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    rmSync(directory, { recursive: true, force: true })
    expect(errors).toBe('')
    const seen = JSON.parse(output)
    expect(seen.serverZone).toBe(zone)
    expect(seen.storedInstants).toEqual(seen.instants)
    expect(seen.partsPerBlock).toEqual(seen.partsPerBlock.map(() => 1))
    expect(seen.blockCount).toBeGreaterThan(0)
    expect(seen.sentPerHour).toEqual([1, 1, 0, 0, 2, 2, 1])
    expect(seen.nameIsAtMonth).toBe(true)
  },
  STARTING_MS,
)
