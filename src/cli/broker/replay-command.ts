import { type Command, InvalidArgumentError } from 'commander'
import type { ConsumerInfo, JetStreamManager, NatsConnection } from 'nats'
import { systemClock } from '../../base/clock.ts'
import { CommandFailure } from '../../base/errors.ts'
import { createJsonLogger } from '../../base/logger.ts'
import type { Config } from '../../config.ts'
import { SUBJECTS } from '../../events/catalogue.ts'
import { parseTimestamp } from '../../events/normalise/timestamp.ts'
import { ingestLimits } from '../../ingest/accounting/in-flight-budget.ts'
import { deleteReplay, findReplay, requestReplay } from '../../nats/consumer/replay.ts'
import { findEventStream } from '../../nats/event-stream.ts'
import { createCommand, EXIT_DONE, runTask } from '../command.ts'
import { formatCount, pluralise } from '../format.ts'
import { printError } from '../output.ts'
import { connectBroker } from './connect-broker.ts'

const POLL_MS = 1_000
/** After this number of polls without a consumer of the replay, no service seems to run. */
const IDLE_POLLS = 10

interface ReplayOptions {
  readonly from?: Date
  readonly subject?: string
  readonly cancel?: true
}

export function replayCommand(): Command {
  const command = createCommand(
    'replay',
    'Makes the service read the stream of events again from a time on. Events that are stored are recognised, missing ones are stored.',
  )
  return command
    .option(
      '--from <time>',
      'a day in UTC (2026-01-01) or a date-time with its offset (2026-01-01T10:30+01:00)',
      parseTime,
    )
    .option('--subject <subject>', 'only events of this subject', parseSubject)
    .option('--cancel', 'end the current replay')
    .addHelpText(
      'after',
      `
The service does the work beside its live events. This command only shows the progress and may be ended with Ctrl-C.

Subjects: ${SUBJECTS.join(', ')}`,
    )
    .action(({ from, subject, cancel }: ReplayOptions) => {
      if (!from && !cancel) command.error('error: --from or --cancel is required')
      return runTask(async (config) => {
        const connection = await connectBroker(config, 'replay')
        process.once('SIGINT', () => {
          printError('The replay continues in the service. "npm run replay -- --cancel" ends it.')
          process.exit(EXIT_DONE)
        })
        try {
          return from && !cancel
            ? await startReplay(connection, config, from, subject)
            : await cancelReplay(connection, config)
        } finally {
          await connection.close()
        }
      })
    })
}

function parseTime(value: string): Date {
  const instant = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value)
  if (instant === undefined) throw new InvalidArgumentError('It must be a day or a date-time with its offset.')
  return new Date(instant)
}

function parseSubject(value: string): string {
  if (!SUBJECTS.includes(value) && !SUBJECTS.some((pattern) => matchesSubjectPattern(value, pattern)))
    throw new InvalidArgumentError('It must be one of the subjects below.')
  return value
}

/** Whether `subject` has one token where `pattern` has the wildcard. */
function matchesSubjectPattern(subject: string, pattern: string): boolean {
  return (
    pattern.endsWith('.*') &&
    subject.startsWith(pattern.slice(0, -1)) &&
    /^[\w-]+$/.test(subject.slice(pattern.length - 1))
  )
}

async function startReplay(connection: NatsConnection, config: Config, from: Date, subject: string | undefined) {
  const { jsm, stream } = await openStream(connection, config)
  const existing = await findReplay(jsm, stream.config.name, config.natsConsumer)
  if (existing)
    printError('Another replay is running; its progress follows. End it with --cancel before you start a new one.')
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

/** Prints the progress once per second until the replay is complete. */
async function watchProgress(jsm: JetStreamManager, durable: string, replayConsumer: ConsumerInfo): Promise<number> {
  const total = replayConsumer.num_pending + replayConsumer.num_ack_pending
  printError(`${pluralise(total, 'message')} to replay.`)
  let previous = 0
  let idlePolls = 0
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    const info = await findReplay(jsm, replayConsumer.stream_name, durable).catch(() => 'unknown' as const)
    // The broker does not respond now, which does not affect the replay.
    if (info === 'unknown') continue
    if (!info) break
    const done = Math.max(0, total - info.num_pending - info.num_ack_pending)
    idlePolls = done === previous && info.num_waiting === 0 ? idlePolls + 1 : 0
    if (idlePolls === IDLE_POLLS)
      printError('No service is working on the replay. Start the service ("npm start"), and the replay continues.')
    if (done !== previous)
      printError(`${formatCount(done)} of ${formatCount(total)}, ${formatCount(done - previous)}/s`)
    previous = done
  }
  printError('Replayed.')
  return EXIT_DONE
}

async function cancelReplay(connection: NatsConnection, config: Config): Promise<number> {
  const { jsm, stream } = await openStream(connection, config)
  const existing = await findReplay(jsm, stream.config.name, config.natsConsumer)
  if (!existing) throw new CommandFailure('There is no replay to cancel.')
  await deleteReplay(jsm, existing.stream_name, config.natsConsumer)
  printError('Cancelled. Events that were replayed stay stored.')
  return EXIT_DONE
}

async function openStream(connection: NatsConnection, config: Config) {
  const jsm = await connection.jetstreamManager()
  const logger = createJsonLogger({ level: 'error', clock: systemClock, write: printError })
  const stream = await findEventStream(jsm, config.natsStream, logger)
  if (!stream)
    throw new CommandFailure('There is no stream of events yet. Start the service or publish an event first.')
  return { jsm, stream }
}
