/**
 * `npm run simulate`: reads arguments and environment, connects, and lets `src/simulate` publish. Exit codes: 0 when events were published,
 * 1 when none could be, 2 for a wrong command line, 130 when it was interrupted twice.
 */
import { parseArgs } from 'node:util'
import { ErrorCode, NatsError } from 'nats'
import type { NatsConnection } from 'nats'
import { systemClock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Config } from '../config.ts'
import { connectBroker } from '../host/connect-broker.ts'
import { runCommand } from './run-command.ts'
import { historyEvents } from './simulate/history-events.ts'
import { liveEvents } from './simulate/live-events.ts'
import { optionNames, readOptions, usage } from './simulate/options.ts'
import type { SimulateOptions } from './simulate/options.ts'
import { progressLine, summaryLine } from './simulate/progress.ts'
import type { PhaseProgress } from './simulate/progress.ts'
import { Publisher, PublishFailure } from './simulate/publisher.ts'
import type { Broker } from './simulate/publisher.ts'
import { publishAll, publishAtRate } from './simulate/publisher-loop.ts'
import { Random } from './simulate/random.ts'
import { withDuplicates } from './simulate/duplicates.ts'
import { DataSet } from './simulate/data-set.ts'
import { printError, printOut, printProgress } from './output.ts'

const publishTimeoutMs = 5_000
const closeTimeoutMs = 2_000

function readCommandLine(args: readonly string[]): ReturnType<typeof readOptions> | 'help' {
  // Not strict: that would report the first mistake only.
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: {
      ...Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }])),
      help: { type: 'boolean' },
    },
  })
  const flags = tokens.filter((token) => token.kind === 'option')
  if (flags.some(({ name }) => name === 'help')) return 'help'
  const positionals = tokens.filter((token) => token.kind === 'positional').map(({ value }) => value)
  return readOptions(flags, positionals)
}

function jetStreamBroker(connection: NatsConnection): Broker {
  const jetStream = connection.jetstream()
  return {
    async publish(subject, messageId, payload) {
      try {
        const { duplicate } = await jetStream.publish(subject, payload, { msgID: messageId, timeout: publishTimeoutMs })
        return { isRepeat: duplicate }
      } catch (error) {
        throw toPublishFailure(error)
      }
    },
  }
}

function toPublishFailure(error: unknown): PublishFailure {
  const code = error instanceof NatsError ? error.code : undefined
  if (code === ErrorCode.NoResponders) {
    return new PublishFailure('no-stream', 'no stream takes these subjects', error)
  }
  const cannotRecover =
    code === ErrorCode.PermissionsViolation ||
    code === ErrorCode.MaxPayloadExceeded ||
    code === ErrorCode.ConnectionClosed
  return new PublishFailure(cannotRecover ? 'refused' : 'not-stored', messageOf(error), error)
}

/** Prints a line a second while `work` goes on: in place on a terminal, else one below the other. */
async function withProgress(phase: PhaseProgress, publisher: Publisher, work: Promise<void>): Promise<void> {
  let previous = publisher.published
  const print = () => {
    const line = progressLine(phase, publisher, systemClock.monotonic(), publisher.published - previous)
    previous = publisher.published
    printProgress(line)
  }
  const timer = setInterval(print, 1_000)
  try {
    await work
  } finally {
    clearInterval(timer)
    printProgress('')
  }
}

async function publishPhases(options: SimulateOptions, publisher: Publisher, signal: AbortSignal): Promise<void> {
  const { backfill, liveMs, ratePerSecond, seed, tenantCount } = options
  const dataSet = new DataSet(seed, tenantCount)
  const clock = systemClock
  if (backfill) {
    const endMs = clock.now()
    const history = historyEvents({ dataSet, seed, endMs, ...backfill })
    const events = withDuplicates(history, new Random(seed, 'history repeats', endMs))
    const startedMs = clock.monotonic()
    const phase = { label: 'history', startedMs, eventCount: backfill.eventCount, publishedBefore: publisher.published }
    await withProgress(
      phase,
      publisher,
      publishAll(events, publisher, signal).then(() => publisher.drain()),
    )
  }
  if (liveMs !== undefined && !signal.aborted && !publisher.shouldGiveUp) {
    const live = liveEvents({ dataSet, seed, clock, ratePerSecond })
    const events = withDuplicates(live, new Random(seed, 'live repeats', clock.now()))
    const startedMs = clock.monotonic()
    const phase = { label: 'live', startedMs, lastsMs: liveMs, publishedBefore: publisher.published }
    const work = publishAtRate(events, publisher, { clock, ratePerSecond, durationMs: liveMs, signal })
    await withProgress(
      phase,
      publisher,
      work.then(() => publisher.drain()),
    )
  }
}

async function main(config: Config): Promise<number> {
  const commandLine = readCommandLine(process.argv.slice(2))
  if (commandLine === 'help') {
    printOut(usage)
    return 0
  }
  if ('problems' in commandLine) {
    printError(`${commandLine.problems.map((problem) => `simulate: ${problem}\n`).join('')}\n${usage}`)
    return 2
  }
  const { options } = commandLine
  const stopping = new AbortController()
  const stop = () => {
    if (stopping.signal.aborted) process.exit(130)
    printError('\nStopping: waiting for the messages under way (interrupt again to leave at once).')
    stopping.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)

  const connection = await connectBroker(config, 'outreach-analytics:simulate')
  const publisher = new Publisher({
    broker: jetStreamBroker(connection),
    clock: systemClock,
    random: Math.random,
    signal: stopping.signal,
  })
  const startedMs = systemClock.monotonic()
  await publishPhases(options, publisher, stopping.signal)
  printOut(summaryLine(publisher, systemClock.monotonic() - startedMs, options.tenantCount))
  await Promise.race([connection.close(), new Promise((resolve) => setTimeout(resolve, closeTimeoutMs))])

  if (publisher.lastFailure && publisher.failed > 0) {
    const advice =
      publisher.lastFailure.kind === 'no-stream'
        ? 'No stream takes these subjects. Start the service first ("npm start"): it makes the stream.'
        : `Last failure: ${publisher.lastFailure.message}.`
    printError(`${publisher.shouldGiveUp && publisher.published > 0 ? 'Gave up early. ' : ''}${advice}`)
  }
  return publisher.published > 0 || publisher.failed === 0 ? 0 : 1
}

process.exit(await runCommand(process.env, (text) => printError(`simulate: ${text}`), main))
