import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import type { ConnectionInfo } from '../http/pipeline/request-pipeline.ts'
import type { Platform } from '../assembly/platform.ts'
import { createDashboardLink, type DashboardLink } from './data-directory/dashboard-link.ts'
import { lockDataDirectory } from './data-directory/data-directory-lock.ts'
import { createFileWorker } from './file-worker.ts'
import { readOrCreateDevelopmentSecret } from './data-directory/development-secret.ts'
import { readNatsCredentials } from './nats-credentials.ts'
import { createDocsAssets, readMigrations } from './project-files.ts'
import { type LocalServer, startLocalServer } from '../nats/server/local-server.ts'
import { gzipResponse } from './compress-asset.ts'
import { createPageFileReader } from './page-files.ts'
import { createWebhookClient } from './webhook-client.ts'
import { createProcessMetrics } from './process/process-metrics.ts'
import { readProcessUsage } from './process/process-usage.ts'

/** The platform without what the adapter of the runtime provides. */
export interface OpenPlatform extends Omit<Platform, keyof ConnectionInfo | 'sha1'> {
  /** Signs developers in; undefined without the development secret. */
  readonly dashboardLink: DashboardLink | undefined
  /** The local broker, when this process has started it. */
  readonly localServer: LocalServer | undefined
}

/** The services that every part of the process shares. */
export type ProcessServices = Pick<Platform, 'clock' | 'logger' | 'metrics' | 'report'>

/** Opens the resources that the machine provides: a local broker, a development secret, files. Rejects with a StartFailure when one cannot be opened. */
export async function openPlatform(config: Config, services: ProcessServices): Promise<OpenPlatform> {
  const { clock, logger } = services
  const dataDir = resolve(config.dataDir)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  await lockDataDirectory(dataDir)
  const isDevelopment = !config.jwtSecret && !config.jwtPublicKey && !config.jwtJwksUrl
  const developmentSecret = isDevelopment ? readOrCreateDevelopmentSecret(dataDir) : undefined
  const dashboardLink = isDevelopment ? createDashboardLink(dataDir, logger) : undefined
  const localServer = config.natsServers ? undefined : await startLocalServer(join(dataDir, 'nats'), clock, logger)
  return {
    ...services,
    migrations: readMigrations(),
    docsAssets: createDocsAssets(),
    writeExport: createFileWorker(clock),
    gzip: gzipResponse,
    page: {
      files: createPageFileReader(logger),
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
    natsCredentials: localServer
      ? { user: localServer.user, password: localServer.password }
      : readNatsCredentials(config),
    callWebhook: createWebhookClient({ allowsPrivate: config.webhookAllowPrivate }),
    processMetrics: createProcessMetrics(readProcessUsage),
    jwtSecret: config.jwtSecret ?? developmentSecret,
    localServer,
  }
}
