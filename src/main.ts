/**
 * The entry point on Bun and on Deno: environment → configuration → service → listener, and the signals that end it.
 */
import { systemClock } from './base/clock.ts'
import { type Config, ConfigError, parseConfig } from './config.ts'
import { CommandFailure, messageOf, StartFailure } from './base/errors.ts'
import { bannerText, localAddress } from './host/banner.ts'
import { openControlSocket } from './host/data-directory/control-socket.ts'
import { readNatsCredentials } from './host/nats-credentials.ts'
import { type OpenPlatform, openPlatform } from './host/open-platform.ts'
import { bindFailureOf, type Listener, type Runtime } from './host/runtime.ts'
import { importPublicKeys } from './http/auth/token-verifier.ts'
import { createDevelopmentTokenIssuer } from './http/auth/development-sign-in.ts'
import { runStoreRequest } from './cli/store/store-requests.ts'
import { createJsonLogger, createTextLogger } from './base/logger.ts'
import { createServiceMetrics } from './base/service-metrics.ts'
import { Service } from './service.ts'
import { createUnexpectedErrorReporter, withGuardedTimers } from './base/unexpected-errors.ts'

const EXIT_CONFIGURATION = 2
const STOP_DEADLINE_MS = 8_000
const DEVELOPMENT_TOKEN_DAYS = 30
const SECONDS_PER_DAY = 86_400

// A computed name: neither runtime loads, or checks, the adapter of the other.
const adapter = 'Deno' in globalThis ? './host/deno/runtime.ts' : './host/bun/runtime.ts'
const { runtime } = (await import(adapter)) as { readonly runtime: Runtime }
const config = await readConfig()
const logFormat = config.logFormat ?? (process.stdout.isTTY ? 'text' : 'json')
const logger = (logFormat === 'text' ? createTextLogger : createJsonLogger)({
  level: config.logLevel,
  clock: systemClock,
  write: (line) => process.stdout.write(`${line}\n`),
})
const metrics = createServiceMetrics()
const report = createUnexpectedErrorReporter(logger, metrics)
const clock = withGuardedTimers(systemClock, report)

// Without a handler both runtimes end the process, and ingestion and all requests with it.
process.on('uncaughtException', (error) => report('process', error))
process.on('unhandledRejection', (reason) => report('process', reason))
// The reader of the output has ended. A report of that error would be written to the same output.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {})

let platform: OpenPlatform | undefined
let service: Service | undefined
let listener: Listener | undefined
let stopping: Promise<void> | undefined

// A second signal changes nothing.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(0, signal))

try {
  platform = await openPlatform(config, { clock, logger, metrics, report })
  service = await Service.create(config, {
    ...platform,
    sha1: runtime.sha1,
    peerAddressOf: (request) => listener?.peerAddressOf(request),
    isPathRewritten: (request) => listener?.isPathRewritten(request) ?? false,
  })
  const { app } = service
  if (config.clickhouseUrl === undefined) openControlSocket(config.dataDir, runCommandRequest, { logger, report })
  listener = listen(app)
  const listenAddress = localAddress(config.host, listener.port)
  const address = config.publicUrl ?? listenAddress
  const dashboardAddress = platform.dashboardLink?.issue(address) ?? `${address}/dashboard`
  await service.start()
  // On standard error, as standard output is the log.
  const development = await createDevelopmentToken(platform)
  if (!stopping) process.stderr.write(bannerText({ address, listenAddress, dashboardAddress, development }, platform))
} catch (error) {
  if (!stopping) {
    if (error instanceof StartFailure) logger.error(error.message)
    else logger.error('the service cannot start', { error })
    // Where the log is for people, they have read it.
    if (logFormat === 'json') process.stderr.write(`${messageOf(error)}\n`)
    await stop(1, 'start failed')
  }
}

function listen(app: Service['app']): Listener {
  try {
    return runtime.listen({
      port: config.port,
      hostname: config.host,
      paths: app.routes.map(({ path }) => path),
      fetch: (request) => app.fetch(request),
      clock,
      logger,
      report,
    })
  } catch (error) {
    throw bindFailureOf(error, config.port)
  }
}

async function readConfig(): Promise<Config> {
  try {
    const parsed = parseConfig(process.env)
    await validateCredentials(parsed)
    return parsed
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(
      `The configuration is invalid:\n${error.problems.map((problem) => `  - ${problem}\n`).join('')}`,
    )
    return process.exit(EXIT_CONFIGURATION)
  }
}

/** Checks the contents of the files and keys that the configuration names. Rejects with a ConfigError. */
async function validateCredentials(parsed: Config): Promise<void> {
  const problems: string[] = []
  try {
    readNatsCredentials(parsed)
  } catch (error) {
    problems.push(...(error instanceof ConfigError ? error.problems : [messageOf(error)]))
  }
  if (parsed.jwtPublicKey !== undefined)
    await importPublicKeys(parsed.jwtPublicKey).catch((error: unknown) => problems.push(messageOf(error)))
  if (problems.length > 0) throw new ConfigError(problems)
}

function stop(exitCode: number, reason: string): Promise<void> {
  stopping ??= (async () => {
    logger.info('stopping', { reason })
    const deadline = AbortSignal.timeout(STOP_DEADLINE_MS)
    try {
      // Pending requests get their response, new ones are rejected, while ingestion settles its events.
      const closed = listener?.stop()
      await service?.stop(deadline)
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 250))])
      await platform?.localServer?.stop()
    } catch (error) {
      logger.error('shutdown failed', { error })
    }
    logger.info('stopped')
    process.exit(exitCode)
  })()
  return stopping
}

/** A token to try the API with; undefined without the development secret. */
async function createDevelopmentToken({ page }: OpenPlatform) {
  if (!page.development) return undefined
  const issue = createDevelopmentTokenIssuer(page.development.key, clock)
  return { ...(await issue(DEVELOPMENT_TOKEN_DAYS * SECONDS_PER_DAY)), days: DEVELOPMENT_TOKEN_DAYS }
}

/** Executes a request of a command of the command line on the embedded engine, which only this process can open. */
function runCommandRequest(request: unknown): AsyncIterable<object> {
  const store = service?.migratedStore
  if (!service || !store) throw new CommandFailure('The service is still starting. Try again in a few seconds.')
  const { clickhouseDatabase: database } = config
  const onRowsErased = service.onRowsErased.bind(service)
  // On a connection of its own, so that a command and the inserts do not wait for each other.
  const commandStore = { ...store, writer: store.auditConnection }
  return runStoreRequest(request, { store: commandStore, database, clock, isServiceRunning: true, onRowsErased })
}
