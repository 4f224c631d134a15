import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { redactedQuery } from '../audit/redacted-query.ts'
import type { RequestAuditTrail } from '../audit/request-audit-trail.ts'
import { API_PATH, isProbePath, ROUTES } from '../routes.ts'
import type { RequestContext } from './request-context.ts'
import type { RouteTable } from './routing/route-table.ts'

const UNSUBSCRIBE_PATH = ROUTES.unsubscribe.path.replace(/:.*$/, '')
/** The part of a path that is logged. */
const MAX_LOGGED_PATH_CHARACTERS = 200

export interface RequestRecordDependencies {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly auditTrail: RequestAuditTrail
  readonly routeTable: RouteTable
}

/** Records a request that was answered: in the metrics, in the log, and in the audit trail when it had a tenant or was refused as unauthorized. */
export type RecordRequest = (context: RequestContext, status: number) => void

export function createRequestRecorder({
  clock,
  logger,
  metrics,
  auditTrail,
  routeTable,
}: RequestRecordDependencies): RecordRequest {
  /** Paths of the API may contain ids of contacts, and that of a link a token. */
  const loggedPathOf = (path: string) =>
    [`${API_PATH}/`, UNSUBSCRIBE_PATH].some((prefix) => path.startsWith(prefix)) ? routeTable.loggedPathOf(path) : path
  return (context, status) => {
    const { request, url, correlationId, clientAddress, principal, route = 'none' } = context
    const elapsedMs = clock.monotonic() - context.startedAt
    const durationMs = Math.round(elapsedMs)
    metrics.requestSeconds.observe(elapsedMs / 1000, { route, status: String(status) })
    logger[isProbePath(url.pathname) || status === 304 ? 'debug' : 'info']('request', {
      method: request.method,
      path: loggedPathOf(url.pathname).slice(0, MAX_LOGGED_PATH_CHARACTERS),
      status,
      durationMs,
      correlationId,
      client: clientAddress,
      tenantId: principal?.tenantId,
      subject: principal?.subject,
    })
    if (principal || status === 401)
      auditTrail.record({
        requestedAt: context.receivedAt,
        tenantId: principal?.tenantId ?? '',
        subject: principal?.subject ?? '',
        route: routeTable.registeredPathOf(url.pathname),
        parameters: [context.auditedBody ?? redactedQuery(url.search, context.exportFormat), ...context.lookedUp]
          .filter(Boolean)
          .join('&'),
        status,
        durationMs,
        correlationId,
      })
  }
}
