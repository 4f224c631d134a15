/**
 * Imports lines in batches: lines in, messages out. A batch is complete when every message of it is acknowledged. An interrupted import continues after the last complete
 * batch; the broker recognises messages of the next batch that were already sent by their ids.
 */
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import { type ImportedMessage, parseLine } from './parse-line.ts'

/** The number of messages that await their acknowledgement at once. */
const BATCH_LINES = 2_000

export interface ImportPorts {
  /** Resolves when the message is stored. Rejects when that is unknown; then it is called again. */
  readonly publish: (message: ImportedMessage) => Promise<void>
  /** Keeps a line that is not an event, with its number and the problem. */
  readonly onRejected: (line: string, number: number, problem: string) => void
  /** Called when all lines up to `lines` are complete. */
  readonly onProgress: (progress: ImportProgress) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface ImportProgress {
  readonly lines: number
  readonly published: number
  readonly rejected: number
}

/** Imports the lines after the first `skip`, with retries, and resolves with the counts. Stops between two batches when the signal aborts. */
export async function importLines(
  lines: AsyncIterable<string>,
  ports: ImportPorts,
  skip = 0,
): Promise<ImportProgress & { readonly isComplete: boolean }> {
  let progress: ImportProgress = { lines: 0, published: 0, rejected: 0 }
  let batch: { line: string; number: number }[] = []
  const completeBatch = async () => {
    const messages = await Promise.all(batch.map(({ line, number }) => parseLine(line, number)))
    const accepted = messages.filter((message) => typeof message !== 'string')
    await Promise.all(accepted.map((message) => publishWithRetry(message, ports)))
    // An abandoned batch does not count.
    if (ports.signal.aborted) return false
    for (const [index, { line, number }] of batch.entries()) {
      const message = messages[index]!
      if (typeof message === 'string') ports.onRejected(line, number, message)
    }
    const { published, rejected } = progress
    progress = {
      lines: batch.at(-1)!.number,
      published: published + accepted.length,
      rejected: rejected + batch.length - accepted.length,
    }
    ports.onProgress(progress)
    batch = []
    return true
  }
  let number = 0
  for await (const line of lines) {
    number++
    if (number <= skip || line.trim() === '') continue
    batch.push({ line, number })
    if (batch.length >= BATCH_LINES && !(await completeBatch())) return { ...progress, isComplete: false }
  }
  if (batch.length > 0 && !(await completeBatch())) return { ...progress, isComplete: false }
  return { ...progress, isComplete: true }
}

async function publishWithRetry(message: ImportedMessage, { publish, clock, signal }: ImportPorts): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await publish(message)
    } catch {
      await sleep(clock, backoffMs(attempt, { maxMs: 5_000 }), signal)
    }
  }
}
