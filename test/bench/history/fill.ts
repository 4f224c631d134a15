import { join } from 'node:path'
import { THREADS } from '../measure/machine.ts'

/** Creates a store with about this number of events in an empty directory, in a separate process: see `fill-history.ts`. */
export async function fillHistory(enginePath: string, events: number): Promise<void> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'fill-history.ts'), enginePath, String(events)], {
    stdout: 'ignore',
    stderr: 'inherit',
    env: { ...process.env, ...THREADS },
  })
  if ((await child.exited) !== 0) throw new Error('The history could not be filled.')
}
