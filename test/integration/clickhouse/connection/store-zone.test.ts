import { expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const STARTING_MS = 30_000

// The table's partitions are months of the engine's own zone, which is the machine's: an insert that spans two of them is not atomic.
test.each(['America/New_York', 'Pacific/Kiritimati', 'Asia/Kathmandu'])(
  'a machine in %s stores the same instants, one partition a block, and answers the same',
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
