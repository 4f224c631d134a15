/**
 * `bun loop-attack.ts attack port token seconds nats`: attacks a running service for the given time. It is a separate process, so that its own work does not delay the
 * measurements. Prints the number of responses by status.
 */
import { connect as connectSocket } from 'node:net'
import { connect as connectNats } from 'nats'

const LARGE_CONNECTIONS = 16
const UNREAD_CONNECTIONS = 1_500
const SPAN_MS = 729 * 86_400_000
const NUMBERS_BYTES = 1_000_000

const [attack = '', portText = '', token = '', secondsText = '', natsUrl = ''] = process.argv.slice(2)
const port = Number(portText)
const end = performance.now() + Number(secondsText) * 1_000
const byStatus: Record<string, number> = {}

/** The largest response, each for a range that was not queried before. */
async function requestLarge(format: string): Promise<void> {
  const startedAt = Date.now()
  let requestCount = 0
  const sendRequests = async () => {
    while (performance.now() < end) {
      const startDate = new Date(startedAt - SPAN_MS - requestCount++ * 1_000).toISOString()
      const path = `/api/v1/analytics/messages?granularity=hour&startDate=${startDate}&format=${format}`
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } })
      await response.arrayBuffer()
      byStatus[response.status] = (byStatus[response.status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: LARGE_CONNECTIONS }, sendRequests))
}

async function neverRead(): Promise<void> {
  const request = 'GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n'
  for (let index = 0; index < UNREAD_CONNECTIONS; index++) {
    const socket = connectSocket(port, '127.0.0.1', () => {
      socket.pause()
      socket.write(request)
    })
    socket.on('error', () => {}).pause()
    if (index % 50 === 49) await Bun.sleep(20)
  }
  await Bun.sleep(Math.max(0, end - performance.now()))
}

async function publishNumbers(): Promise<void> {
  const connection = await connectNats({ servers: natsUrl })
  const numbers = `[${'-0,'.repeat(NUMBERS_BYTES / 3)}0]`
  const timestamp = new Date().toISOString()
  for (let index = 0; performance.now() < end; index++) {
    const data = `{"messageId":"m-${index}","channel":"email","contactId":"c-1","metadata":{"numbers":${numbers}}}`
    await connection
      .jetstream()
      .publish('pipeline.message.sent', `{"tenantId":"tenant-1","timestamp":"${timestamp}","data":${data}}`)
    await Bun.sleep(50)
  }
  await connection.close()
}

if (attack === 'xlsx' || attack === 'json') await requestLarge(attack)
else if (attack === 'unread') await neverRead()
else if (attack === 'numbers') await publishNumbers()
else throw new Error(`There is no attack ${attack}.`)
process.stdout.write(JSON.stringify(byStatus))
process.exit(0)
