/**
 * The module of the worker that writes files: web standard, so that every runtime that has workers takes it. It answers each request by a message with the same id.
 */
import { messageOf } from '../../base/errors.ts'
import { type ExportTask, writeExport } from './export-task.ts'
import { concatenated } from '../sending/chunks.ts'

export interface ExportWorkerRequest {
  readonly id: number
  readonly task: ExportTask
}

/** Without bytes it failed. */
export interface ExportWorkerResponse {
  readonly id: number
  readonly bytes?: Uint8Array<ArrayBuffer>
  readonly failure?: string
}

/** What a worker's global object has besides a page's. */
interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent<ExportWorkerRequest>) => void): void
  postMessage(message: ExportWorkerResponse, transfer?: readonly ArrayBuffer[]): void
}

const workerScope = globalThis as unknown as WorkerScope

workerScope.addEventListener('message', ({ data: { id, task } }) => void handleRequest(id, task))

async function handleRequest(id: number, task: ExportTask): Promise<void> {
  try {
    const bytes = concatenated(await writeExport(task))
    workerScope.postMessage({ id, bytes }, [bytes.buffer])
  } catch (error) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker has no origin to name.
    workerScope.postMessage({ id, failure: messageOf(error) })
  }
}
