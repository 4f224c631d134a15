/**
 * `npm run replay -- --from TIME [--subject S] | --cancel`: the running service reads the stream again from a time. Exit codes: 0 done or cancelled, 1 no broker, no
 * stream or nothing to cancel, 2 for a wrong command line.
 */
import { parseArgs } from 'node:util'
import type { ConsumerInfo, JetStreamManager, NatsConnection } from 'nats'
import type { Config } from '../config.ts'
import { SUBJECTS } from '../events/catalogue.ts'
import { parseTimestamp } from '../events/timestamp.ts'
import { connectBroker, CommandFailure } from '../host/connect-broker.ts'
import { runCommand, UsageError } from './run-command.ts'
import { ingestLimits } from '../ingest/accounting/in-flight-budget.ts'
import { createJsonLogger } from '../base/logger.ts'
import { systemClock } from '../base/clock.ts'
import { deleteReplay, findReplay, requestReplay } from '../nats/consumer/replay.ts'
import { findEventStream } from '../nats/event-stream.ts'
import { printError, printOut } from './output.ts'
import { pluralise } from './pluralise.ts'

const USAGE = `Usage: npm run replay -- --from TIME [--subject S]   reads the stream again from a time on
       npm run replay -- --cancel                      ends the replay there is

TIME is a day (2026-01-01, in UTC) or a date-time with its offset (2026-01-01T09:30Z, 2026-01-01T10:30:15+01:00). S is one of
${SUBJECTS.join(', ')}

What is stored already is recognised; what is missing is stored. The service does the work beside its live events: the
command only watches, and may be left with Ctrl-C.`

const POLL_MS = 1_000
/** Nobody has asked for its messages for so long: no service seems to run. */
const IDLE_POLLS = 10

type Command = { name: 'help' } | { name: 'cancel' } | { name: 'replay'; from: Date; subject: string | undefined }

function readCommandLine(args: readonly string[]): Command {
  let values: { from?: string; subject?: string; cancel?: boolean; help?: boolean }
  try {
    const options = {
      from: { type: 'string' },
      subject: { type: 'string' },
      cancel: { type: 'boolean' },
      help: { type: 'boolean' },
    } as const
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : ''}\n\n${USAGE}`)
  }
  if (values.help) return { name: 'help' }
  if (values.cancel) return { name: 'cancel' }
  const { from = '', subject } = values
  const instant = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(from) ? `${from}T00:00:00Z` : from)
  if (instant === undefined) throw new UsageError(`--from takes a day or an instant with an offset.\n\n${USAGE}`)
  if (
    subject !== undefined &&
    !SUBJECTS.includes(subject) &&
    !SUBJECTS.some((pattern) => matchesSubjectPattern(subject, pattern))
  )
    throw new UsageError(`--subject takes one of the subjects below.\n\n${USAGE}`)
  return { name: 'replay', from: new Date(instant), subject }
}

/** Whether `subject` names one token where `pattern` allows any. */
function matchesSubjectPattern(subject: string, pattern: string): boolean {
  return (
    pattern.endsWith('.*') &&
    subject.startsWith(pattern.slice(0, -1)) &&
    /^[\w-]+$/.test(subject.slice(pattern.length - 1))
  )
}

async function replay(connection: NatsConnection, config: Config, from: Date, subject: string | undefined) {
  const { jsm, stream } = await openStream(connection, config)
  const existing = await findReplay(jsm, stream.config.name, config.natsConsumer)
  if (existing) printError('There is a replay already; watching that one. End it with --cancel to ask for another.')
  const budget = ingestLimits(
    config.ingestMemoryMb * 1_048_576,
    config.flushIntervalMs,
    connection.info?.max_payload ?? 0,
  )
  const limits = { maxAckPending: budget.maxEvents, ackWaitMs: budget.ackWaitMs }
  const replayConsumer =
    existing ?? (await requestReplay(jsm, { stream, durable: config.natsConsumer, limits, from, subject }))
  return watchProgress(jsm, config.natsConsumer, replayConsumer)
}

/** Tells how far it is until it is done. */
async function watchProgress(jsm: JetStreamManager, durable: string, replayConsumer: ConsumerInfo): Promise<number> {
  const total = replayConsumer.num_pending + replayConsumer.num_ack_pending
  printError(`${pluralise(total, 'message')} to replay.`)
  let previous = 0
  let idlePolls = 0
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const info = await findReplay(jsm, replayConsumer.stream_name, durable).catch(() => 'unknown' as const)
    // The broker does not answer now: the replay is none the worse for it.
    if (info === 'unknown') continue
    if (!info) break
    const done = Math.max(0, total - info.num_pending - info.num_ack_pending)
    idlePolls = done === previous && info.num_waiting === 0 ? idlePolls + 1 : 0
    if (idlePolls === IDLE_POLLS)
      printError('Nobody works on it: start the service ("npm start"). It goes on by itself then.')
    if (done !== previous)
      printError(
        `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}, ${(done - previous).toLocaleString('en-US')}/s`,
      )
    previous = done
  }
  printError('Replayed.')
  return 0
}

async function cancel(connection: NatsConnection, config: Config): Promise<number> {
  const { jsm, stream } = await openStream(connection, config)
  const existing = await findReplay(jsm, stream.config.name, config.natsConsumer)
  if (!existing) throw new CommandFailure('There is no replay to cancel.')
  await deleteReplay(jsm, existing.stream_name, config.natsConsumer)
  printError('Cancelled. What was replayed so far stays stored.')
  return 0
}

async function openStream(connection: NatsConnection, config: Config) {
  const jsm = await connection.jetstreamManager()
  const logger = createJsonLogger({ level: 'error', clock: systemClock, write: printError })
  const stream = await findEventStream(jsm, config.natsStream, logger)
  if (!stream)
    throw new CommandFailure('There is no stream of events yet: start the service or publish something first.')
  return { jsm, stream }
}

async function main(config: Config): Promise<number> {
  const command = readCommandLine(process.argv.slice(2))
  if (command.name === 'help') {
    printOut(USAGE)
    return 0
  }
  const connection = await connectBroker(config, 'outreach-analytics:replay')
  process.once('SIGINT', () => {
    printError('The replay goes on in the service. "npm run replay -- --cancel" ends it.')
    process.exit(0)
  })
  try {
    if (command.name === 'cancel') return await cancel(connection, config)
    return await replay(connection, config, command.from, command.subject)
  } finally {
    await connection.close()
  }
}

process.exitCode = await runCommand(process.env, printError, main)
