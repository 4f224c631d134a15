/** A report with blocks of every kind, and requests about reports to an app in this process. */
import type { BlockKind, Chart } from '../../../src/reports/report-parts.ts'
import type { ReportRequest } from '../../../src/reports/report.ts'
import { token } from '../http/tokens.ts'
import type { TestApp } from './test-app.ts'

const ALL = 'analytics:read analytics:write analytics:export'

export const block = (kind: BlockKind, body: object, chart: Chart = 'table') => ({
  title: `A ${kind}`,
  kind,
  body,
  chart,
})
const QUERY = { metrics: ['sent', 'opened', 'uniqueOpens'], dimensions: ['campaign'], totals: true }
const FUNNEL = {
  entity: 'message',
  steps: [{ event: 'message_sent' }, { event: 'message_opened' }],
  order: 'ordered',
  window: '1d',
}
const COHORT = { kind: 'engagement', event: 'opened', human: false, period: 'day', periods: 3, cohort: 'day' }
const RANGE = { timeRange: '7d', timezone: 'Asia/Kolkata' }
export const BLOCKS = [
  block('query', { ...QUERY, ...RANGE }),
  block('dashboard', { dashboard: 'messages', granularity: 'hour', ...RANGE }, 'line'),
  block('dashboard', { dashboard: 'campaigns', compare: 'previous', limit: 3, ...RANGE }),
  block('funnel', { ...FUNNEL, ...RANGE }, 'funnel'),
  block('cohort', { ...COHORT, ...RANGE }, 'heatmap'),
]
/** The blocks as the list of reports has them. */
export const BLOCK_SUMMARIES = BLOCKS.map(({ title, kind, chart }) => ({ title, kind, chart }))
export const REPORT = { name: 'All kinds', blocks: BLOCKS, timezone: 'Asia/Kolkata' } as ReportRequest

interface DefinitionAnswer<Data> {
  readonly status: number
  readonly etag: string | null
  readonly headers: Headers
  readonly bytes: Uint8Array
  readonly text: string
  /** Undefined for a file and a failure. */
  readonly data: Data
  readonly error: { code: string; details?: { path: string; message: string }[] }
}

interface DefinitionRequest {
  readonly body?: object
  readonly ifMatch?: string | null
  readonly tenant?: string
  readonly scope?: string
}

/** Requests a path below the API. The type of the data is that of the route. */
export type Ask = <Data = unknown>(
  method: string,
  path: string,
  request?: DefinitionRequest,
) => Promise<DefinitionAnswer<Data>>

export function createAsk(app: Pick<TestApp, 'fetch' | 'secret'>): Ask {
  return (method, path, request) => askForDefinition(app, method, path, request)
}

async function askForDefinition<Data>(
  app: Pick<TestApp, 'fetch' | 'secret'>,
  method: string,
  path: string,
  { body, ifMatch, tenant = 'tenant-1', scope = ALL }: DefinitionRequest = {},
): Promise<DefinitionAnswer<Data>> {
  const response = await app.fetch(`http://localhost/api/v1/analytics${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token(app.secret, { tenantId: tenant, scope })}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(ifMatch ? { 'if-match': ifMatch } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  const { data, error } = (isJson ? JSON.parse(text) : {}) as Pick<DefinitionAnswer<Data>, 'data' | 'error'>
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    headers: response.headers,
    bytes,
    text,
    data,
    error,
  }
}
