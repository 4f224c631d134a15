import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { object, text } from '../analytics/schemas.ts'
import { ApiFailure } from '../base/errors.ts'
import { ErrorResponse } from './pipeline/error-response.ts'
import { ROUTES } from './routes.ts'
import type { ResponseSender } from './sending/response-sender.ts'

/** One part of the service that has to work before the service is ready. */
export interface ReadinessPart {
  readonly name: 'migrations' | 'consumer' | 'store' | 'intake' | 'facts'
  readonly isReady: boolean
  /** The state, or the problem, in words without internal details. */
  readonly message: string
}

export interface HealthDependencies {
  readonly readiness: () => readonly ReadinessPart[] | Promise<readonly ReadinessPart[]>
  /** The Prometheus text. */
  readonly metricsText: () => string
}

const success = Type.Literal(true, { description: 'Always true.' })

export const LivenessResponse = object(
  { success, data: object({ status: text('Always `live`') }, 'The state of the process.', 'Liveness') },
  'The process responds.',
)

export const ReadinessResponse = object(
  {
    success,
    data: object(
      {
        status: text('Always `ready`'),
        parts: Type.Array(
          object({ name: text('The name of the part'), message: text('Its state') }, 'One part.', 'ReadinessPart'),
          {
            description: 'All parts.',
          },
        ),
      },
      'The state of the parts.',
      'Readiness',
    ),
  },
  'The service is ready.',
)

/** Health, readiness and metrics. They are public, as probes and scrapers have no token. `/health` is the readiness check too. */
export const healthRoutes = ({
  readiness,
  metricsText,
  sender,
}: HealthDependencies & { readonly sender: ResponseSender }) => {
  const respondReadiness = async () => {
    const parts = await readiness()
    const failing = parts.filter(({ isReady }) => !isReady)
    if (failing.length > 0)
      throw new ApiFailure(
        'UNAVAILABLE',
        `Not ready: ${failing.map(({ name }) => name).join(', ')}.`,
        failing.map(({ name, message }) => ({ path: name, message })),
      )
    return {
      success: true as const,
      data: { status: 'ready', parts: parts.map(({ name, message }) => ({ name, message })) },
    }
  }
  return new Elysia()
    .get(ROUTES.health.path, respondReadiness, {
      response: { 200: ReadinessResponse, 503: ErrorResponse },
      detail: { hide: true },
    })
    .get(ROUTES.liveness.path, () => ({ success: true as const, data: { status: 'live' } }), {
      response: { 200: LivenessResponse },
      detail: {
        operationId: 'healthLive',
        tags: ['Operations'],
        summary: 'Liveness check',
        description: 'Returns 200 as long as the process responds.',
      },
    })
    .get(ROUTES.readiness.path, respondReadiness, {
      response: { 200: ReadinessResponse, 503: ErrorResponse },
      detail: {
        operationId: 'healthReady',
        tags: ['Operations'],
        summary: 'Readiness check',
        description:
          'Returns 200 when the migrations are applied, the consumer is bound and the last store check passed; otherwise 503 with the failing parts in `details`.',
      },
    })
    .get(
      ROUTES.metrics.path,
      ({ request }) =>
        sender.sendText(request, metricsText(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
      {
        detail: { hide: true },
      },
    )
}
