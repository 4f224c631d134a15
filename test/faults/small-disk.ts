import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const CHUNK = new Uint8Array(1_048_576)

/** A file system of its own size over a directory, in memory. */
export interface SmallDisk {
  /** Takes all the room that is left. */
  fill(): void
  /** Gives it back. */
  free(): void
  unmount(): void
}

/** Throws where file systems may not be mounted: it takes root. */
export function mountSmallDisk(directory: string, sizeMb: number): SmallDisk {
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'none', directory], { encoding: 'utf8' })
  if (mounted.status !== 0) throw new Error(`A small disk takes the right to mount one: ${mounted.stderr}`)
  const filler = join(directory, 'filler')
  return {
    fill() {
      const file = openSync(filler, 'w')
      try {
        for (;;) writeSync(file, CHUNK)
      } catch {
        // No room is left: that was the purpose.
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    unmount: () => void spawnSync('umount', ['--lazy', directory]),
  }
}
