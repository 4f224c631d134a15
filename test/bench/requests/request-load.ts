/**
 * `bun request-load.ts port connections seconds`, with the text of the request on standard input: each connection repeats the request after each response. Prints the
 * responses per second by status. It uses plain sockets, because an HTTP client would cost more than the measured service.
 */
import { argv } from 'node:process'

const [port = 0, connections = 0, seconds = 0] = argv.slice(2).map(Number)
const request = await Bun.stdin.text()
const byStatus: Record<string, number> = {}
let isMeasuring = false

/** A response ends by its length, or after its head if it has no body. */
function endOf(text: string): number {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return -1
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0)
  const end = head + 4 + length
  return text.length >= end ? end : -1
}

for (let index = 0; index < connections; index++)
  await Bun.connect<{ text: string }>({
    hostname: '127.0.0.1',
    port,
    data: { text: '' },
    socket: {
      open(socket) {
        socket.data = { text: '' }
        socket.write(request)
      },
      data(socket, bytes) {
        socket.data.text += bytes.toString('latin1')
        const end = endOf(socket.data.text)
        if (end === -1) return
        const status = socket.data.text.slice(9, 12)
        if (isMeasuring) byStatus[status] = (byStatus[status] ?? 0) + 1
        socket.data.text = socket.data.text.slice(end)
        socket.write(request)
      },
    },
  })
await Bun.sleep(1_000)
isMeasuring = true
const startedAt = performance.now()
await Bun.sleep(seconds * 1_000)
isMeasuring = false
const elapsed = (performance.now() - startedAt) / 1_000
for (const status of Object.keys(byStatus)) byStatus[status] = Math.round(byStatus[status]! / elapsed)
process.stdout.write(JSON.stringify(byStatus))
process.exit(0)
