import { setTimeout } from 'node:timers'
import { type Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'
import type { Config } from '../../config.ts'
import { connectBroker } from '../broker/connect-broker.ts'
import { createCommand, EXIT_DONE, EXIT_FAILURE, integerOption, runTask } from '../command.ts'
import { printError, printOut, printProgress } from '../output.ts'
import { DataSet } from './data-set.ts'
import { withDuplicates } from './duplicates.ts'
import { historyEvents } from './history-events.ts'
import { createJetStreamBroker } from './publishing/jetstream-broker.ts'
import { liveEvents } from './live-events.ts'
import {
  BACKFILL_EVENTS_PER_TENANT_DAY,
  DEFAULTS,
  MAX_BACKFILL_DAYS,
  MAX_DEFAULT_BACKFILL_EVENTS,
  parseBackfill,
  type SimulateCommandLine,
  type SimulateOptions,
  simulateOptionsOf,
} from './options.ts'
import { type PhaseProgress, progressLine, summaryLine } from './publishing/progress.ts'
import { Publisher } from './publishing/publisher.ts'
import { publishAll, publishAtRate } from './publishing/publisher-loop.ts'
import { Random } from './random.ts'

const CLOSE_TIMEOUT_MS = 2_000
const EXIT_INTERRUPTED = 130

export function simulateCommand(): Command {
  const command = createCommand('simulate', 'Publishes a realistic mix of events to the broker of the running service.')
  return command
    .option('--rate <n>', 'events per second of all tenants in the live part', integerOption(1, 100_000), DEFAULTS.rate)
    .option('--tenants <n>', 'number of tenants; tenant-1 is the largest', integerOption(1, 10_000), DEFAULTS.tenants)
    .option(
      '--duration <seconds>',
      `length of the live part, 0 = until Ctrl-C (default: ${DEFAULTS.durationSeconds}; with --backfill: no live part)`,
      integerOption(0, 31_536_000),
    )
    .option('--backfill <span>', 'first publish a history of this length: 24h, 90d or 12w', parseBackfillOption)
    .option(
      '--backfill-events <n>',
      `number of events of the history (default: ${BACKFILL_EVENTS_PER_TENANT_DAY} per tenant and day, at most ${MAX_DEFAULT_BACKFILL_EVENTS.toLocaleString('en-US')})`,
      integerOption(1, 100_000_000),
    )
    .option(
      '--seed <n>',
      'another number generates other tenants, templates and contacts',
      integerOption(0, 2 ** 32 - 1),
      DEFAULTS.seed,
    )
    .addHelpText(
      'after',
      `
In the live part delays are shortened (d seconds become d to the power of 0.25), so that opens and clicks appear within a
minute; opens through an image proxy are then so early that they count as prefetches. The broker is NATS_URL (with NATS_CREDS_FILE, NATS_USER and NATS_PASSWORD, or NATS_TOKEN), else the local one that
"npm start" runs.`,
    )
    .action((line: SimulateCommandLine) => {
      if (line.backfillEvents !== undefined && line.backfill === undefined)
        command.error('error: --backfill-events requires --backfill')
      return runTask((config) => simulate(config, simulateOptionsOf(line)))
    })
}

function parseBackfillOption(value: string): number {
  const spanMs = parseBackfill(value)
  if (spanMs === undefined)
    throw new InvalidArgumentError(
      `It must be hours, days or weeks up to ${MAX_BACKFILL_DAYS} days, such as 24h, 90d or 12w.`,
    )
  return spanMs
}

async function simulate(config: Config, options: SimulateOptions): Promise<number> {
  const stopping = new AbortController()
  const stop = () => {
    if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED)
    printError('\nStopping: waiting for pending acknowledgements (interrupt again to exit at once).')
    stopping.abort()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)

  const connection = await connectBroker(config, 'simulate')
  const publisher = new Publisher({
    broker: createJetStreamBroker(connection),
    clock: systemClock,
    random: Math.random,
    signal: stopping.signal,
  })
  const startedMs = systemClock.monotonic()
  await publishPhases(options, publisher, stopping.signal)
  printOut(summaryLine(publisher, systemClock.monotonic() - startedMs, options.tenantCount))
  // A broker that does not respond must not keep the process running.
  setTimeout(() => process.exit(), CLOSE_TIMEOUT_MS).unref()
  void connection.close().catch(() => {})
  process.off('SIGINT', stop).off('SIGTERM', stop)

  if (publisher.lastFailure && publisher.failed > 0) {
    const advice =
      publisher.lastFailure.kind === 'no-stream'
        ? 'No stream captures these subjects. Start the service first ("npm start"): it creates the stream.'
        : `Last failure: ${publisher.lastFailure.message}.`
    printError(`${publisher.shouldGiveUp && publisher.published > 0 ? 'Stopped early. ' : ''}${advice}`)
  }
  return publisher.published > 0 || publisher.failed === 0 ? EXIT_DONE : EXIT_FAILURE
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
    const phase = { label: 'live', startedMs, durationMs: liveMs, publishedBefore: publisher.published }
    const work = publishAtRate(events, publisher, { clock, ratePerSecond, durationMs: liveMs, signal })
    await withProgress(
      phase,
      publisher,
      work.then(() => publisher.drain()),
    )
  }
}

/** Prints the progress once per second until `work` ends. */
async function withProgress(phase: PhaseProgress, publisher: Publisher, work: Promise<void>): Promise<void> {
  let previous = publisher.published
  const timer = setInterval(() => {
    printProgress(progressLine(phase, publisher, systemClock.monotonic(), publisher.published - previous))
    previous = publisher.published
  }, 1_000)
  try {
    await work
  } finally {
    clearInterval(timer)
    printProgress('')
  }
}
