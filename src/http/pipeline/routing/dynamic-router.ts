/**
 * Routes requests without the framework's own router, which compiles code from text: edge runtimes do not allow that. It is slower and gives the same responses;
 * test/runtimes/edge.test.ts compares the two.
 */
import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { AnyElysia } from 'elysia'
import { contextOf } from '../request-context.ts'
import type { FetchHandler } from '../request-pipeline.ts'

type Route = AnyElysia['routes'][number]

interface ResponseSettings {
  status: number
  readonly headers: Record<string, string>
}

/** The argument of a route and of its hooks. */
interface RouteContext {
  readonly request: Request
  readonly set: ResponseSettings
  query: unknown
  /** Set by a hook of the route. */
  body: unknown
}

/** The hooks that are supported: `transform` reads the query or the body, by its schema. */
interface RouteHooks {
  readonly transform?: readonly { readonly fn: (context: RouteContext) => unknown }[]
  readonly query?: TSchema
}

const JSON_TYPE = 'application/json;charset=utf-8'

/** For routes with fixed paths. Rejects with what a route throws. */
export function createDynamicRouter(routes: readonly Route[]): FetchHandler {
  const routesByKey = new Map(routes.map((route) => [`${route.method} ${route.path}`, route]))
  return async (request) => {
    const context: RouteContext = { request, set: { status: 200, headers: {} }, query: {}, body: undefined }
    // A route for GET serves HEAD too.
    const method = request.method === 'HEAD' ? 'GET' : request.method
    const result = await runRoute(routesByKey.get(`${method} ${contextOf(request).route}`)!, context)
    return toResponse(result, context.set)
  }
}

async function runRoute({ handler, hooks }: Route, context: RouteContext): Promise<unknown> {
  const { transform = [], query } = hooks as RouteHooks
  for (const { fn } of transform) await fn(context)
  if (query) context.query = Value.Default(query, context.query)
  return (handler as (context: RouteContext) => unknown)(context)
}

/** Headers of a response itself win over headers that were set beside it. */
function toResponse(result: unknown, { status, headers }: ResponseSettings): Response {
  if (!(result instanceof Response))
    return new Response(JSON.stringify(result), { status, headers: { 'content-type': JSON_TYPE, ...headers } })
  for (const [name, value] of Object.entries(headers)) if (!result.headers.has(name)) result.headers.set(name, value)
  return result
}
