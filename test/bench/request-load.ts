/**
 * `bun request-load.ts port connections seconds`, the request's text on standard input: each connection sends it again as soon as it is answered. Prints the answers
 * a second by status. Plain sockets, as a whole HTTP client costs more than what it would measure here.
 */
import { argv } from 'node:process'

const [port = 0, connections = 0, seconds = 0] = argv.slice(2).map(Number)
const request = await Bun.stdin.text()
const byStatus: Record<string, number> = {}
let isMeasuring = false

/** Answers end by their length, or with their head when they have no body. */
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
