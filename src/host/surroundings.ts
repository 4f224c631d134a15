import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import type { RequestFacts } from '../http/door.ts'
import type { Surroundings } from '../service.ts'
import { readCredentials } from './broker.ts'
import { createDashboardLink, type DashboardLink } from './dashboard-link.ts'
import { lockDataDirectory } from './data-directory-lock.ts'
import { createFileWorker } from './file-worker.ts'
import { createDocsAssets, readDevelopmentSecret, readMigrations } from './files.ts'
import { type LocalServer, startLocalServer } from './local-server/local-server.ts'
import { gzipResponse } from './pack-asset.ts'
import { createPageFiles } from './page-files.ts'
import { createProcessMetrics } from './process-metrics.ts'
import { readProcessUsage } from './process-usage.ts'

/** All but what only the listener knows. */
export interface OpenedSurroundings extends Omit<Surroundings, keyof RequestFacts> {
  /** Signs developers in, on the development secret. */
  readonly dashboardLink: DashboardLink | undefined
  /** The local broker, when it is ours to stop. */
  readonly localServer: LocalServer | undefined
}

/** What every part of the process shares. */
export type ProcessParts = Pick<Surroundings, 'clock' | 'logger' | 'metrics' | 'report'>

/** Gets from the machine what the configuration leaves to it: a local broker, a development secret, files. */
export async function openSurroundings(config: Config, parts: ProcessParts): Promise<OpenedSurroundings> {
  const { clock, logger } = parts
  const dataDir = resolve(config.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  await lockDataDirectory(dataDir)
  const isDevelopment = !config.jwtSecret && !config.jwtPublicKey && !config.jwtJwksUrl
  const developmentSecret = isDevelopment ? readDevelopmentSecret(dataDir) : undefined
  const dashboardLink = isDevelopment ? createDashboardLink(dataDir, logger) : undefined
  const localServer = config.natsServers ? undefined : await startLocalServer(join(dataDir, 'nats'), clock, logger)
  return {
    ...parts,
    migrations: readMigrations(),
    docsAssets: createDocsAssets(),
    writeFile: createFileWorker(clock),
    gzip: gzipResponse,
    page: {
      files: createPageFiles(logger),
      development:
        developmentSecret === undefined || dashboardLink === undefined
          ? undefined
          : {
              key: { secret: developmentSecret, issuer: config.jwtIssuer, audience: config.jwtAudience },
              redeem: (code) => dashboardLink.redeem(code),
            },
    },
    dashboardLink,
    enginePath: join(dataDir, 'clickhouse'),
    natsServers: config.natsServers ?? [localServer!.url],
    natsCredentials: localServer ? { user: localServer.user, password: localServer.password } : readCredentials(config),
    processMetrics: createProcessMetrics(readProcessUsage),
    jwtSecret: config.jwtSecret ?? developmentSecret,
    localServer,
  }
}
