/**
 * Answers requests by an app's routes without the framework's own way of doing it, which writes a function for each route and has it compiled: some runtimes make no code
 * of texts. Slower, and the same answers: test/runtimes/edge.test.ts compares the two.
 */
import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { AnyElysia } from 'elysia'
import type { Door, Fetch } from './door.ts'
import { withoutEndSlash } from './paths.ts'

type Route = AnyElysia['routes'][number]

interface Settings {
  status: number
  readonly headers: Record<string, string>
}

/** What a route and its hooks are given. */
interface Context {
  readonly request: Request
  readonly set: Settings
  query: unknown
}

/** The hooks that are understood: `transform` reads the query, by its schema. */
interface Hooks {
  readonly transform?: readonly { readonly fn: (context: Context) => unknown }[]
  readonly query?: TSchema
}

const JSON_TYPE = 'application/json;charset=utf-8'

/** For routes of plain paths that take no body. */
export function interpret(routes: readonly Route[], door: Door): Fetch {
  const byPlace = new Map(routes.map((route) => [placeOf(route.method, route.path), route]))
  door.know(routes)
  return door.around(async (request) => {
    const context: Context = { request, set: { status: 200, headers: {} }, query: {} }
    const { method, url } = request
    // What answers GET answers HEAD.
    const route = byPlace.get(placeOf(method === 'HEAD' ? 'GET' : method, new URL(url).pathname))
    let said: unknown
    try {
      await door.enter(context)
      if (!route) throw new MissingRoute()
      said = await answer(route, context)
    } catch (error) {
      said = door.refuse({ ...context, error, code: error instanceof MissingRoute ? 'NOT_FOUND' : 'UNKNOWN' })
    }
    door.leave({ ...context, route: route?.path ?? '' })
    const response = toResponse(said, context.set)
    return method === 'HEAD' ? new Response(null, response) : response
  })
}

class MissingRoute extends Error {}

function placeOf(method: string, path: string): string {
  return `${method} ${withoutEndSlash(path)}`
}

async function answer({ handler, hooks }: Route, context: Context): Promise<unknown> {
  const { transform = [], query } = hooks as Hooks
  for (const { fn } of transform) await fn(context)
  if (query) context.query = Value.Default(query, context.query)
  return (handler as (context: Context) => unknown)(context)
}

/** What a response says itself counts more than what was set beside it. */
function toResponse(said: unknown, { status, headers }: Settings): Response {
  if (!(said instanceof Response))
    return new Response(JSON.stringify(said), { status, headers: { 'content-type': JSON_TYPE, ...headers } })
  for (const [name, value] of Object.entries(headers)) if (!said.headers.has(name)) said.headers.set(name, value)
  return said
}
