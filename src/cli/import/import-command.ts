import { appendFileSync, createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Command, InvalidArgumentError } from 'commander'
import { headers, type NatsConnection } from 'nats'
import { systemClock } from '../../base/clock.ts'
import { CommandFailure, messageOf } from '../../base/errors.ts'
import { terminalSafeLine } from '../../base/texts/terminal-safe-text.ts'
import { connectBroker } from '../broker/connect-broker.ts'
import { createCommand, EXIT_DONE, EXIT_FAILURE, runTask } from '../command.ts'
import { formatCount, pluralise } from '../format.ts'
import { printError } from '../output.ts'
import { importLines, type ImportProgress } from './import-lines.ts'
import type { ImportedMessage } from './parse-line.ts'
import { openSavedProgress } from './saved-progress.ts'

const PUBLISH_TIMEOUT_MS = 5_000
const PROGRESS_INTERVAL_MS = 1_000
const EXIT_INTERRUPTED = 130
const STANDARD_INPUT = '-'

export function importCommand(): Command {
  return createCommand(
    'import',
    'Publishes events of a file to the stream, from which the service stores them like any other event.',
  )
    .argument('<file>', 'NDJSON, plain or .gz; - is standard input', parseFile)
    .addHelpText(
      'after',
      `
Each line is an event as a producer publishes it, with its subject:
{"subject":"pipeline.message.sent","eventId":"…","tenantId":"…","timestamp":"…","data":{…}}

A second import of the same file stores nothing twice. An interrupted import continues where it ended. Lines that are not
events are written to <file>.rejected.ndjson. Exit code: 1 when lines were rejected, 130 when the import was interrupted.`,
    )
    .action((file: string) =>
      runTask(async (config) => {
        const connection = await connectBroker(config, 'import')
        try {
          const jsm = await connection.jetstreamManager()
          const streams = await jsm.streams.names('pipeline.message.sent').next()
          if (streams.length === 0)
            throw new CommandFailure('There is no stream of events yet. Start the service first.')
          return await importFile(connection, file)
        } catch (error) {
          if (error instanceof CommandFailure) throw error
          throw new CommandFailure(`The import failed: ${messageOf(error)}`)
        } finally {
          await connection.close()
        }
      }),
    )
}

function parseFile(value: string): string {
  if (value !== STANDARD_INPUT && !existsSync(value)) throw new InvalidArgumentError('The file does not exist.')
  return value
}

async function importFile(connection: NatsConnection, file: string): Promise<number> {
  const isFile = file !== STANDARD_INPUT
  const savedProgress = isFile ? openSavedProgress(file) : undefined
  const saved = savedProgress?.saved ?? { lines: 0, published: 0, rejected: 0 }
  if (saved.lines > 0) printError(`Continuing after line ${saved.lines}, where the last import of this file ended.`)
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  const rejectedFile = `${isFile ? file : 'stdin'}.rejected.ndjson`
  const printRate = createRatePrinter()
  const result = await importLines(
    createInterface({ input: openInputStream(file), crlfDelay: Infinity }),
    {
      publish: createPublish(connection),
      onRejected(line, number, problem) {
        printError(terminalSafeLine(`Line ${number}: ${problem}`))
        appendFileSync(rejectedFile, `${line}\n`)
      },
      onProgress(progress) {
        const { lines, published, rejected } = progress
        savedProgress?.save({ lines, published: saved.published + published, rejected: saved.rejected + rejected })
        printRate(progress)
      },
      clock: systemClock,
      signal: interrupted.signal,
    },
    saved.lines,
  )
  if (!result.isComplete) {
    printError(isFile ? 'Interrupted. The same command continues from here.' : 'Interrupted.')
    return EXIT_INTERRUPTED
  }
  savedProgress?.delete()
  const rejected = saved.rejected + result.rejected
  printError(`Published ${pluralise(saved.published + result.published, 'event')}.`)
  if (rejected === 0) return EXIT_DONE
  printError(`Rejected ${pluralise(rejected, 'line')}: see ${rejectedFile}`)
  return EXIT_FAILURE
}

/** Prints lines and events per second, at most once per second. */
function createRatePrinter(): (progress: ImportProgress) => void {
  const startedAt = systemClock.monotonic()
  let printedAt = startedAt
  return ({ lines, published }) => {
    if (systemClock.monotonic() - printedAt < PROGRESS_INTERVAL_MS) return
    printedAt = systemClock.monotonic()
    printError(`${pluralise(lines, 'line')}, ${formatCount((published * 1_000) / (printedAt - startedAt))} events/s`)
  }
}

function createPublish(connection: NatsConnection) {
  const jetstream = connection.jetstream()
  return async ({ subject, body, messageId }: ImportedMessage) => {
    const head = headers()
    head.set('Nats-Msg-Id', messageId)
    await jetstream.publish(subject, body, { headers: head, timeout: PUBLISH_TIMEOUT_MS })
  }
}

function openInputStream(file: string): Readable {
  if (file === STANDARD_INPUT) return process.stdin
  const input = createReadStream(file)
  return file.endsWith('.gz') ? input.pipe(createGunzip()) : input
}
