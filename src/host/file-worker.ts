import type { Clock } from '../base/clock.ts'
import type { ExportWorkerRequest, ExportWorkerResponse } from '../http/export/export-worker.ts'
import type { ExportWriter } from '../http/export/export-task.ts'

const WORKER_MODULE = new URL('../http/export/export-worker.ts', import.meta.url)
/** A file that is not written in this time is considered failed. */
const MAX_WRITE_MS = 60_000
/** An unused worker is ended after this time, to release its memory. */
const IDLE_MS = 60_000

interface PendingWrite {
  readonly resolve: (bytes: Uint8Array<ArrayBuffer>) => void
  readonly reject: (error: Error) => void
  readonly cancelDeadline: () => void
}

/** Writes exported files on a worker thread, which the first file starts and a minute without files ends. */
export function createFileWorker(clock: Clock): ExportWriter {
  let worker: Worker | undefined
  let cancelIdle = () => {}
  let lastId = 0
  const pending = new Map<number, PendingWrite>()

  /** A failed worker may stay busy: all pending files fail, and the next file starts a new worker. */
  const terminate = (reason: string) => {
    cancelIdle()
    worker?.terminate()
    worker = undefined
    for (const { reject, cancelDeadline } of pending.values()) {
      cancelDeadline()
      reject(new Error(reason))
    }
    pending.clear()
  }
  const complete = ({ id, bytes, failure }: ExportWorkerResponse) => {
    const request = pending.get(id)
    pending.delete(id)
    request?.cancelDeadline()
    if (bytes) request?.resolve(bytes)
    else request?.reject(new Error(failure))
    if (pending.size === 0) cancelIdle = clock.after(IDLE_MS, () => terminate('idle'))
  }
  const start = () => {
    const started = new Worker(WORKER_MODULE, { type: 'module' })
    started.addEventListener('message', ({ data }: MessageEvent<ExportWorkerResponse>) => {
      // A terminated worker may still have a message in flight.
      if (started === worker) complete(data)
    })
    started.addEventListener('error', (event) => {
      event.preventDefault()
      if (started === worker) terminate(`The worker that writes files failed: ${event.message}`)
    })
    return started
  }

  return async (task) => {
    cancelIdle()
    worker ??= start()
    const id = ++lastId
    const written = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
      const cancelDeadline = clock.after(MAX_WRITE_MS, () => terminate('Writing the file took too long.'))
      pending.set(id, { resolve, reject, cancelDeadline })
    })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker has no origin to name.
    worker.postMessage({ id, task } satisfies ExportWorkerRequest)
    return [await written]
  }
}
