/**
 * Answers requests by an app's routes without the framework's own way of doing it, which writes a function for each route and has it compiled: some runtimes make no code
 * of texts. Slower, and the same answers: test/runtimes/edge.test.ts compares the two.
 */
import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { AnyElysia } from 'elysia'
import type { RequestPipeline, FetchHandler } from './request-pipeline.ts'
import { withoutTrailingSlash } from './route-table.ts'

type Route = AnyElysia['routes'][number]

interface ResponseSettings {
  status: number
  readonly headers: Record<string, string>
}

/** What a route and its hooks are given. */
interface DispatchContext {
  readonly request: Request
  readonly set: ResponseSettings
  query: unknown
}

/** The hooks that are understood: `transform` reads the query, by its schema. */
interface RouteHooks {
  readonly transform?: readonly { readonly fn: (context: DispatchContext) => unknown }[]
  readonly query?: TSchema
}

const JSON_TYPE = 'application/json;charset=utf-8'

/** For routes of plain paths that take no body. */
export function createDynamicRouter(routes: readonly Route[], pipeline: RequestPipeline): FetchHandler {
  const routesByKey = new Map(routes.map((route) => [routeKeyOf(route.method, route.path), route]))
  pipeline.registerRoutes(routes)
  return pipeline.wrap(async (request) => {
    const context: DispatchContext = { request, set: { status: 200, headers: {} }, query: {} }
    const { method, url } = request
    // What answers GET answers HEAD.
    const route = routesByKey.get(routeKeyOf(method === 'HEAD' ? 'GET' : method, new URL(url).pathname))
    let result: unknown
    try {
      await pipeline.onRequest(context)
      if (!route) throw new RouteNotFound()
      result = await runRoute(route, context)
    } catch (error) {
      result = pipeline.onError({ ...context, error, code: error instanceof RouteNotFound ? 'NOT_FOUND' : 'UNKNOWN' })
    }
    pipeline.onResponse({ ...context, route: route?.path ?? '' })
    const response = toResponse(result, context.set)
    return method === 'HEAD' ? new Response(null, response) : response
  })
}

class RouteNotFound extends Error {}

function routeKeyOf(method: string, path: string): string {
  return `${method} ${withoutTrailingSlash(path)}`
}

async function runRoute({ handler, hooks }: Route, context: DispatchContext): Promise<unknown> {
  const { transform = [], query } = hooks as RouteHooks
  for (const { fn } of transform) await fn(context)
  if (query) context.query = Value.Default(query, context.query)
  return (handler as (context: DispatchContext) => unknown)(context)
}

/** What a response says itself counts more than what was set beside it. */
function toResponse(result: unknown, { status, headers }: ResponseSettings): Response {
  if (!(result instanceof Response))
    return new Response(JSON.stringify(result), { status, headers: { 'content-type': JSON_TYPE, ...headers } })
  for (const [name, value] of Object.entries(headers)) if (!result.headers.has(name)) result.headers.set(name, value)
  return result
}
