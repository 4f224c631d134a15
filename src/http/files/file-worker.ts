/**
 * The module of the worker that writes files: web standard, so that every runtime that has workers takes it. It answers each request by a message with the same id.
 */
import { messageOf } from '../../errors.ts'
import { type FileTask, writeFile } from './file-task.ts'
import { joined } from '../sending/chunks.ts'

export interface FileRequestMessage {
  readonly id: number
  readonly task: FileTask
}

/** Without bytes it failed. */
export interface FileResponseMessage {
  readonly id: number
  readonly bytes?: Uint8Array<ArrayBuffer>
  readonly failure?: string
}

/** What a worker's global object has besides a page's. */
interface WorkerScope {
  addEventListener(type: 'message', listener: (event: MessageEvent<FileRequestMessage>) => void): void
  postMessage(message: FileResponseMessage, transfer?: readonly ArrayBuffer[]): void
}

const scope = globalThis as unknown as WorkerScope

scope.addEventListener('message', ({ data: { id, task } }) => void answer(id, task))

async function answer(id: number, task: FileTask): Promise<void> {
  try {
    const bytes = joined(await writeFile(task))
    scope.postMessage({ id, bytes }, [bytes.buffer])
  } catch (error) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker has no origin to name.
    scope.postMessage({ id, failure: messageOf(error) })
  }
}
