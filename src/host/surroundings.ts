import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Logger } from '../logger.ts'
import { type LocalServer, startLocalServer } from '../nats/local-server.ts'
import type { Surroundings } from '../service.ts'
import { readCredentials } from './broker.ts'
import { lockDataDirectory } from './data-directory-lock.ts'
import { createFileWorker } from './file-worker.ts'
import { createDocsAssets, readDevelopmentSecret, readMigrations } from './files.ts'
import { gzipResponse } from './pack-asset.ts'
import { createPageFiles } from './page-files.ts'
import type { BundlePage } from './runtime.ts'

/** All but what only the listener knows. */
export interface OpenedSurroundings extends Omit<Surroundings, 'peerAddressOf'> {
  /** The local broker, when it is ours to stop. */
  readonly localServer: LocalServer | undefined
}

/** Gets from the machine what the configuration leaves to it: a local broker, a development secret, files. */
export async function openSurroundings(
  config: Config,
  logger: Logger,
  bundlePage: BundlePage,
): Promise<OpenedSurroundings> {
  const dataDir = resolve(config.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  await lockDataDirectory(dataDir)
  const isDevelopment = !config.jwtSecret && !config.jwtPublicKey && !config.jwtJwksUrl
  const developmentSecret = isDevelopment ? readDevelopmentSecret(dataDir) : undefined
  const localServer = config.natsServers
    ? undefined
    : await startLocalServer(join(dataDir, 'nats'), systemClock, logger)
  return {
    clock: systemClock,
    logger,
    migrations: readMigrations(),
    docsAssets: createDocsAssets(),
    writeFile: createFileWorker(systemClock),
    gzip: gzipResponse,
    page: {
      files: createPageFiles(bundlePage),
      development:
        developmentSecret === undefined
          ? undefined
          : { secret: developmentSecret, issuer: config.jwtIssuer, audience: config.jwtAudience },
    },
    enginePath: join(dataDir, 'clickhouse'),
    natsServers: config.natsServers ?? [localServer!.url],
    natsCredentials: readCredentials(config),
    jwtSecret: config.jwtSecret ?? developmentSecret,
    localServer,
  }
}
