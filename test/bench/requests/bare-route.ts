/** `bun bare-route.ts`: a server with one empty route, on the framework and with the listener options of the service. Prints its port. */
import { Elysia } from 'elysia'

const app = new Elysia().get('/bare', () => ({ success: true }))
const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => app.fetch(request) })
process.stdout.write(`${server.port}\n`)
