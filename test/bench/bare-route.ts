/** `bun bare-route.ts`: a server with one route that says nothing, on the framework of the service and as the service listens. Prints its port. */
import { Elysia } from 'elysia'

const app = new Elysia().get('/bare', () => ({ success: true }))
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => app.fetch(request) })
process.stdout.write(`${server.port}\n`)
