import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { object, text } from '../analytics/schemas.ts'
import { ApiFailure } from '../errors.ts'
import { Failure } from './failures.ts'
import type { Sender } from './sending/sender.ts'

/** One part that has to work before the service can do its work. */
export interface ReadinessPart {
  readonly name: 'migrations' | 'consumer' | 'store' | 'intake'
  readonly isReady: boolean
  /** What is the matter, in words fit for anyone. */
  readonly message: string
}

export interface OperationsDependencies {
  readonly readiness: () => readonly ReadinessPart[] | Promise<readonly ReadinessPart[]>
  /** The Prometheus text. */
  readonly metricsText: () => string
}

const success = Type.Literal(true, { description: 'Always true.' })

export const Live = object(
  { success, data: object({ status: text('Always `live`') }, 'The state of the process.', 'Liveness') },
  'The process responds.',
)

export const Ready = object(
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

/** Health, readiness and metrics: public, as probes and scrapers carry no token. `/health` is readiness, for whoever does not ask more closely. */
export const operationsRoutes = ({
  readiness,
  metricsText,
  sender,
}: OperationsDependencies & { readonly sender: Sender }) => {
  const answerReady = async () => {
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
    .get('/health', answerReady, { response: { 200: Ready, 503: Failure }, detail: { hide: true } })
    .get('/health/live', () => ({ success: true as const, data: { status: 'live' } }), {
      response: { 200: Live },
      detail: {
        operationId: 'healthLive',
        tags: ['Operations'],
        summary: 'Liveness check',
        description: 'Returns 200 as long as the process responds.',
      },
    })
    .get('/health/ready', answerReady, {
      response: { 200: Ready, 503: Failure },
      detail: {
        operationId: 'healthReady',
        tags: ['Operations'],
        summary: 'Readiness check',
        description:
          'Returns 200 when the migrations are applied, the consumer is bound and the last store check passed; otherwise 503 with the failing parts in `details`.',
      },
    })
    .get(
      '/metrics',
      ({ request }) =>
        sender.sendText(request, metricsText(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
      {
        detail: { hide: true },
      },
    )
}
