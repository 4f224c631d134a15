/**
 * An import: lines come in, messages leave to the stream, a part at a time. A part counts as done when every message of it is acknowledged, so that a run that was
 * ended in the middle goes on there, and what it had sent beyond is recognised by its id.
 */
import { backoffMs, type Clock, sleep } from '../../base/clock.ts'
import { type ImportedMessage, parseLine } from './parse-line.ts'

/** So many messages are on their way at once. */
const BATCH_LINES = 2_000

export interface ImportPorts {
  /** Resolves once the message is stored; rejects when that is not known: then it is sent again. */
  readonly publish: (message: ImportedMessage) => Promise<void>
  /** Keeps a line that is no event, with its number and what is wrong with it. */
  readonly onRejected: (line: string, number: number, problem: string) => void
  /** All lines up to this one are done. */
  readonly onProgress: (progress: ImportProgress) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface ImportProgress {
  readonly lines: number
  readonly published: number
  readonly rejected: number
}

/** Imports the lines behind the first `skip`, for as long as it takes; what it came to. Stops between two parts when the signal aborts. */
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
    // Nothing of a part that was given up counts as done.
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
