import { servedDocumentOf } from './operations.ts'
import type { OpenApiDocument } from '../support/openapi/document.ts'
import { startClickHouseFront, type ClickHouseFront } from '../support/clickhouse-front/start.ts'
import { publish, startNatsServer } from '../support/broker/nats-server.ts'
import { type History, type Published, historyOf } from '../support/oracle/history.ts'
import { DAY_MS } from '../support/oracle/zone.ts'
import { forget, type RunningService, startService } from '../support/process/service.ts'
import { trafficOf } from '../support/traffic/traffic.ts'
import { untilCounted, untilSettled } from '../support/process/service-fixture.ts'
import { TENANTS, type Tenant } from './tenants.ts'
import { mutantModule, type Mutant } from './mutants.ts'

/** A marker in the metadata of every event: no response and no log line may contain it. */
export const METADATA_CANARY = 'canary-inside-metadata'
const FEED_SEED = 77
const FEED_DAYS = 45

/** The real service with stored events of every tenant. */
export interface FuzzContext {
  readonly service: RunningService
  readonly document: OpenApiDocument
  readonly histories: ReadonlyMap<string, History>
  /** The server that stores the events, if it is not the embedded engine: it can be made to fail. */
  readonly front: ClickHouseFront | undefined
  /** The body of the one refusal, without its correlation id. */
  readonly refusal: object
  close(): Promise<void>
}

export interface FuzzContextOptions {
  /** The mutant to load into the service. */
  readonly mutant?: Mutant
  /** Whether the events are stored on a server that can be made to fail. */
  readonly hasServer?: boolean
}

export async function openFuzzContext({ mutant, hasServer = false }: FuzzContextOptions = {}): Promise<FuzzContext> {
  const [nats, front] = await Promise.all([startNatsServer(), hasServer ? startClickHouseFront() : undefined])
  const service = await startService({
    natsUrl: nats.url,
    // The fuzz sends more requests than any limit allows.
    env: {
      TENANT_REQUESTS_PER_SECOND: '0',
      AUTH_FAILURES_PER_MINUTE: '0',
      ...(front ? { CLICKHOUSE_URL: front.url } : {}),
    },
    ...(mutant ? { preload: mutantModule(mutant) } : {}),
  })
  const close = async () => {
    await service.kill9()
    await nats.stop()
    await front?.stop()
    forget(service)
  }
  try {
    const feed = TENANTS.flatMap(feedOf)
    await publish(nats.url, feed)
    await untilSettled(nats.url)
    // A mutant may make any count wrong.
    if (!mutant) await untilCounted(service, feed, 30_000)
    const { body } = await service.get('/api/v1/analytics/overview', { authorization: '' })
    const { meta: _, ...refusal } = body ?? {}
    return {
      service,
      document: await servedDocumentOf(service),
      histories: new Map(TENANTS.map(({ id }) => [id, historyOf(feed, id)])),
      front,
      refusal,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The same ids for every tenant, some of them with its mark; names always contain the mark. */
function feedOf({ id, mark, messages }: Tenant): Published[] {
  const toMs = Date.now()
  const feed = trafficOf({ seed: FEED_SEED, tenants: [id], messages, fromMs: toMs - FEED_DAYS * DAY_MS, toMs })
  return feed.map(([subject, envelope, headers]) => {
    const fields = Object.entries(envelope.data).map(([name, value]) => [name, marked(name, value, mark)])
    const metadata = { canary: METADATA_CANARY, mark, sql: "'; SELECT 1 --" }
    const event = { ...envelope, data: { ...Object.fromEntries(fields), metadata } }
    return headers ? [subject, event, headers] : [subject, event]
  })
}

function marked(name: string, value: unknown, mark: string): unknown {
  if (typeof value !== 'string') return value
  if (/name$/i.test(name) || name === 'contactId') return `${value} ${mark}`
  const isMarked = /^(campaign|workflow|sequence|template|source)Id$/.test(name) && /[02468]$/.test(value)
  return isMarked ? `${value}-${mark}` : value
}
