/**
 * `npm run import -- FILE`: history into the stream, from where the service takes it like any other event. Exit codes: 0 everything is in the stream, 1 some lines are no
 * events or there is no broker, 2 for a wrong command line, 130 when it was interrupted.
 */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  createReadStream,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { headers, type NatsConnection } from 'nats'
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config.ts'
import { messageOf } from '../base/errors.ts'
import { connectBroker, CommandFailure } from '../host/connect-broker.ts'
import { runCommand, UsageError } from './run-command.ts'
import { replaceFile } from '../host/data-directory/replace-file.ts'
import { importLines, type ImportProgress } from './import/import-lines.ts'
import type { ImportedMessage } from './import/parse-line.ts'
import { terminalSafeLine } from '../base/terminal-safe-text.ts'
import { printError, printOut } from './output.ts'
import { pluralise } from './pluralise.ts'

const USAGE = `Usage: npm run import -- FILE      FILE is NDJSON, plain or .gz; - is standard input

Each line is an event as the service takes it from the stream, with its subject:
{"subject":"pipeline.message.sent","eventId":"…","tenantId":"…","timestamp":"…","data":{…}}

Importing the same file again counts nothing twice. An import that was ended goes on where it was. Lines that are no
events are kept in FILE.rejected.ndjson.`

const PUBLISH_TIMEOUT_MS = 5_000
const FINGERPRINT_BYTES = 65_536
const EXIT_INTERRUPTED = 130

/** Where an import of a file stands. */
interface SavedProgress extends ImportProgress {
  /** Tells another file of the same name. */
  readonly fingerprint: string
}

function readFileArgument(args: readonly string[]): string {
  const [file] = args
  if (file === undefined || args.length > 1 || (file.startsWith('-') && file !== '-')) throw new UsageError(USAGE)
  if (file !== '-' && !existsSync(file)) throw new UsageError(`There is no file ${file}.\n\n${USAGE}`)
  return file
}

/** The size and a hash of the first bytes. */
function fingerprintOf(file: string): string {
  const bytes = Buffer.alloc(FINGERPRINT_BYTES)
  const length = readSync(openSync(file, 'r'), bytes)
  return `${statSync(file).size}:${createHash('sha256').update(bytes.subarray(0, length)).digest('hex')}`
}

function readSavedProgress(file: string, fingerprint: string): SavedProgress {
  const start: SavedProgress = { fingerprint, lines: 0, published: 0, rejected: 0 }
  try {
    const saved = JSON.parse(readFileSync(`${file}.progress`, 'utf8')) as SavedProgress
    return saved.fingerprint === fingerprint && Number.isSafeInteger(saved.lines) ? saved : start
  } catch {
    return start
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

async function importFile(connection: NatsConnection, file: string): Promise<number> {
  const isFile = file !== '-'
  const saved = isFile ? readSavedProgress(file, fingerprintOf(file)) : readSavedProgress('', '')
  if (saved.lines > 0) printError(`Going on behind line ${saved.lines}, where the last import of this file ended.`)
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  const rejectedFile = `${isFile ? file : 'stdin'}.rejected.ndjson`
  const startedAt = systemClock.monotonic()
  let reportedAt = startedAt
  const result = await importLines(
    createInterface({ input: openInputStream(file), crlfDelay: Infinity }),
    {
      publish: createPublish(connection),
      onRejected(line, number, problem) {
        printError(terminalSafeLine(`Line ${number}: ${problem}`))
        appendFileSync(rejectedFile, `${line}\n`)
      },
      onProgress({ lines, published, rejected }) {
        const current: SavedProgress = {
          ...saved,
          lines,
          published: saved.published + published,
          rejected: saved.rejected + rejected,
        }
        if (isFile) replaceFile(`${file}.progress`, JSON.stringify(current))
        if (systemClock.monotonic() - reportedAt < 1_000) return
        reportedAt = systemClock.monotonic()
        const perSecond = Math.round((published * 1_000) / (reportedAt - startedAt))
        printError(`${pluralise(current.lines, 'line')}, ${perSecond.toLocaleString('en-US')} events/s`)
      },
      clock: systemClock,
      signal: interrupted.signal,
    },
    saved.lines,
  )
  if (!result.isComplete) {
    printError(isFile ? 'Interrupted. The same command goes on from here.' : 'Interrupted.')
    return EXIT_INTERRUPTED
  }
  if (isFile) rmSync(`${file}.progress`, { force: true })
  const rejected = saved.rejected + result.rejected
  printError(`Published ${pluralise(saved.published + result.published, 'event')}.`)
  if (rejected === 0) return 0
  printError(`Rejected ${pluralise(rejected, 'line')}: see ${rejectedFile}`)
  return 1
}

function openInputStream(file: string): Readable {
  if (file === '-') return process.stdin
  const input = createReadStream(file)
  return file.endsWith('.gz') ? input.pipe(createGunzip()) : input
}

async function main(config: Config): Promise<number> {
  const args = process.argv.slice(2)
  if (args[0] === '--help') {
    printOut(USAGE)
    return 0
  }
  const file = readFileArgument(args)
  const connection = await connectBroker(config, 'outreach-analytics:import')
  try {
    const jsm = await connection.jetstreamManager()
    const streams = await jsm.streams.names('pipeline.message.sent').next()
    if (streams.length === 0) throw new CommandFailure('There is no stream of events yet: start the service first.')
    return await importFile(connection, file)
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof UsageError) throw error
    throw new CommandFailure(`The import ended: ${messageOf(error)}`)
  } finally {
    await connection.close()
  }
}

process.exitCode = await runCommand(process.env, printError, main)
