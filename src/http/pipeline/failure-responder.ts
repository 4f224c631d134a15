import { ApiFailure, LimitFailure, messageOf, StoreFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { TenantLimits } from '../limits/tenant-limits.ts'
import { isProbePath } from '../routes.ts'
import { renderError } from './error-response.ts'
import type { RequestContext } from './request-context.ts'

export interface FailureResponderDependencies {
  readonly limits: TenantLimits
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
}

/** Makes the response to a request that failed, from whatever was thrown, and logs failures of the service. */
export type FailureResponder = (context: RequestContext, thrown: unknown) => Response

export function createFailureResponder({
  limits,
  logger,
  metrics,
  report,
}: FailureResponderDependencies): FailureResponder {
  return ({ principal, correlationId, url }, thrown) => {
    if (thrown instanceof LimitFailure) metrics.requestsLimited.add(1, { reason: thrown.reason })
    const { status, headers, body, isServerError } = renderError(thrown, correlationId)
    if (!(thrown instanceof ApiFailure || thrown instanceof StoreFailure)) report('request', thrown, { correlationId })
    else if (isServerError)
      logger[isProbePath(url.pathname) ? 'debug' : 'error']('request failed', {
        correlationId,
        code: body.error.code,
        error: messageOf(thrown),
      })
    return Response.json(body, {
      status,
      headers: {
        'content-type': 'application/json;charset=utf-8',
        ...(principal ? limits.headers(principal.tenantId) : {}),
        ...headers,
      },
    })
  }
}
