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

const success = Type.Literal(true, { description: 'True: the answer is in data.' })

export const Live = object(
  { success, data: object({ status: text('Always `live`') }, 'The state of the process.') },
  'The process answers.',
)

export const Ready = object(
  {
    success,
    data: object(
      {
        status: text('Always `ready`'),
        parts: Type.Array(object({ name: text('The part'), message: text('How it is') }, 'One part.'), {
          description: 'Every part, all of them working.',
        }),
      },
      'The state of the parts.',
    ),
  },
  'Everything works.',
)

/** Health, readiness and metrics: public, as probes and scrapers carry no token. */
export const operationsRoutes = ({
  readiness,
  metricsText,
  sender,
}: OperationsDependencies & { readonly sender: Sender }) =>
  new Elysia()
    .get('/health/live', () => ({ success: true as const, data: { status: 'live' } }), {
      response: { 200: Live },
      detail: {
        operationId: 'healthLive',
        tags: ['Operations'],
        summary: 'Is the process alive?',
        description: 'Answers as long as the process does.',
      },
    })
    .get(
      '/health/ready',
      async () => {
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
      },
      {
        response: { 200: Ready, 503: Failure },
        detail: {
          operationId: 'healthReady',
          tags: ['Operations'],
          summary: 'Can it do its work?',
          description:
            '200 when migrations are applied, the consumer is bound and the last check of the store passed; else 503 with the failing parts in details.',
        },
      },
    )
    .get(
      '/metrics',
      ({ request }) =>
        sender.sendText(request, metricsText(), { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
      {
        detail: { hide: true },
      },
    )
