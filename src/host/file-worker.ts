import type { Clock } from '../clock.ts'
import type { FileRequestMessage, FileResponseMessage } from '../http/files/file-worker.ts'
import type { FileWriter } from '../http/files/file-task.ts'

const MODULE = new URL('../http/files/file-worker.ts', import.meta.url)
/** A file that is not written after so long never will be. */
const MAX_WRITE_MS = 60_000
/** A worker that was not needed for so long gives its memory back. */
const IDLE_MS = 60_000

interface Pending {
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void
  readonly reject: (error: Error) => void
  readonly cancelDeadline: () => void
}

/** Writes files on a thread of their own, which is started by the first file and ended when there has been none for a minute. */
export function createFileWorker(clock: Clock): FileWriter {
  let worker: Worker | undefined
  let cancelIdle = () => {}
  let lastId = 0
  const pending = new Map<number, Pending>()

  /** The thread may be busy with what went wrong: all that it was asked fails, and the next file gets a new one. */
  const end = (reason: string) => {
    cancelIdle()
    worker?.terminate()
    worker = undefined
    for (const { reject, cancelDeadline } of pending.values()) {
      cancelDeadline()
      reject(new Error(reason))
    }
    pending.clear()
  }
  const settle = ({ id, bytes, failure }: FileResponseMessage) => {
    const asked = pending.get(id)
    pending.delete(id)
    asked?.cancelDeadline()
    if (bytes) asked?.resolve(bytes)
    else asked?.reject(new Error(failure))
    if (pending.size === 0) cancelIdle = clock.after(IDLE_MS, () => end('idle'))
  }
  const start = () => {
    const started = new Worker(MODULE, { type: 'module' })
    started.addEventListener('message', ({ data }: MessageEvent<FileResponseMessage>) => {
      // One that was ended may have had an answer on its way.
      if (started === worker) settle(data)
    })
    started.addEventListener('error', (event) => {
      event.preventDefault()
      if (started === worker) end(`The worker that writes files failed: ${event.message}`)
    })
    return started
  }

  return async (task) => {
    cancelIdle()
    worker ??= start()
    const id = ++lastId
    const written = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      const cancelDeadline = clock.after(MAX_WRITE_MS, () => end('A file took too long to write.'))
      pending.set(id, { resolve, reject, cancelDeadline })
    })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker has no origin to name.
    worker.postMessage({ id, task } satisfies FileRequestMessage)
    return [await written]
  }
}
