/**
 * The module of the worker that writes files. It uses web standards only, so that it runs in every runtime with workers. It answers each request by a message with the
 * same id.
 */
import { messageOf } from '../../base/errors.ts'
import { type ExportTask, writeExport } from './export-task.ts'
import { concatenated } from '../sending/chunks.ts'

export interface ExportWorkerRequest {
  readonly id: number
  readonly task: ExportTask
}

/** Either the bytes of the file or the message of the failure. */
export interface ExportWorkerResponse {
  readonly id: number
  readonly bytes?: Uint8Array<ArrayBuffer>
  readonly failure?: string
}

/** The part of a worker's global object that the types of a page lack. */
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
