/**
 * The entry, on Bun and on Deno: environment → configuration → service → listener, and the signals that end it. Alone in naming the process.
 */
import { systemClock } from './base/clock.ts'
import { type Config, ConfigError, parseConfig } from './config.ts'
import { messageOf, StartFailure } from './base/errors.ts'
import { readNatsCredentials } from './host/connect-broker.ts'
import { openControlSocket } from './host/data-directory/control-socket.ts'
import type { Listener, Runtime } from './host/runtime.ts'
import { type OpenPlatform, openPlatform } from './host/open-platform.ts'
import { createDevelopmentTokenIssuer } from './http/auth/development-sign-in.ts'
import { importPublicKeys } from './http/auth/token-verifier.ts'
import { handleApiKeyRequest } from './cli/api-key-requests.ts'
import { createJsonLogger } from './base/logger.ts'
import { createServiceMetrics } from './base/service-metrics.ts'
import { Service } from './service.ts'
import { createUnexpectedErrorReporter, withGuardedTimers } from './base/unexpected-errors.ts'

const EXIT_CONFIGURATION = 2
const STOP_DEADLINE_MS = 8_000
const BANNER_TOKEN_LIFETIME_S = 30 * 86_400

// By a name that only the running process knows: neither runtime reads, or checks, what is written for the other.
const adapter = 'Deno' in globalThis ? './host/deno/runtime.ts' : './host/bun/runtime.ts'
const { runtime } = (await import(adapter)) as { readonly runtime: Runtime }
const config = await readConfig()
const logger = createJsonLogger({
  level: config.logLevel,
  clock: systemClock,
  write: (line) => process.stdout.write(`${line}\n`),
})
const metrics = createServiceMetrics()
const report = createUnexpectedErrorReporter(logger, metrics)
const clock = withGuardedTimers(systemClock, report)

// Both runtimes end a process for these; ingestion and every other request would end with it.
process.on('uncaughtException', (error) => report('process', error))
process.on('unhandledRejection', (reason) => report('process', reason))
// The reader of the output is gone. A report of that would be written to the same output.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {})

let platform: OpenPlatform | undefined
let service: Service | undefined
let listener: Listener | undefined
let stopping: Promise<void> | undefined

// A second signal is the same wish again.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop(0, signal))

try {
  platform = await openPlatform(config, { clock, logger, metrics, report })
  service = await Service.create(config, {
    ...platform,
    peerAddressOf: (request) => listener?.peerAddressOf(request),
    isPathRewritten: (request) => listener?.isPathRewritten(request) ?? false,
  })
  const { app, apiKeys } = service
  if (config.clickhouseUrl === undefined)
    openControlSocket(config.dataDir, (request) => handleApiKeyRequest(request, apiKeys, { clock, report }), {
      logger,
      report,
    })
  listener = runtime.listen({
    port: config.port,
    hostname: config.host,
    paths: app.routes.map(({ path }) => path),
    fetch: (request) => app.fetch(request),
    clock,
    logger,
    report,
  })
  await printBanner(listener.port, platform)
  await service.start()
} catch (error) {
  if (!stopping) {
    if (error instanceof StartFailure) logger.error(error.message)
    else logger.error('the service cannot start', { error })
    process.stderr.write(`${messageOf(error)}\n`)
    await stop(1, 'start failed')
  }
}

async function readConfig(): Promise<Config> {
  try {
    const parsed = parseConfig(process.env)
    await validateCredentials(parsed)
    return parsed
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`The configuration is wrong:\n${error.problems.map((problem) => `  - ${problem}\n`).join('')}`)
    return process.exit(EXIT_CONFIGURATION)
  }
}

/** What only a look at the files and keys themselves can tell. Rejects with ConfigError. */
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

/** Says where things are and, on the development secret, gives a link that signs in and a token to try them with. On standard error: standard output is the log. */
async function printBanner(
  port: number,
  { page, natsServers, localServer, dashboardLink }: OpenPlatform,
): Promise<void> {
  const host = ['0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const lines = [
    '',
    `  Dashboards  ${dashboardLink?.issue(base) ?? `${base}/dashboard`}`,
    ...(dashboardLink ? [`              (signs you in, once; the next link is in ${dashboardLink.file})`] : []),
    `  Docs        ${base}/docs`,
    `  Events      ${natsServers.map(redactCredentials).join(', ')}`,
    ...(localServer ? [`              (user ${localServer.user}, password in ${localServer.passwordFile})`] : []),
  ]
  if (page.development) {
    const { token, tenantId } = await createDevelopmentTokenIssuer(page.development.key, clock)(BANNER_TOKEN_LIFETIME_S)
    lines.push(`  Token       ${token}`, `              (tenant ${tenantId}, 30 days, for development only)`)
    lines.push('', `  curl -H "Authorization: Bearer ${token}" ${base}/api/v1/analytics/overview`)
  }
  process.stderr.write(`${lines.join('\n')}\n\n`)
}

/** An address fit to be shown. */
function redactCredentials(address: string): string {
  return address.replace(/\/\/[^@/]*@/, '//')
}

function stop(exitCode: number, reason: string): Promise<void> {
  stopping ??= (async () => {
    logger.info('stopping', { reason })
    const deadline = AbortSignal.timeout(STOP_DEADLINE_MS)
    try {
      // Requests under way are answered, new ones refused, while ingestion settles what it holds.
      const closed = listener?.stop()
      await service?.stop(deadline)
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 250))])
      await platform?.localServer?.stop()
    } catch (error) {
      logger.error('stopping did not go as it should', { error })
    }
    logger.info('stopped')
    process.exit(exitCode)
  })()
  return stopping
}
