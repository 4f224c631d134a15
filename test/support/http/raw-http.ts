import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Status line and headers. */
  readonly head: string
  readonly body: string
}

const ENDLESS =
  /^HTTP\/1\.1 101 [^]*\r\n\r\n|^HTTP\/1\.1 200 [^]*\r\ncontent-type: text\/event-stream[^]*\ndata: .*\n\n/i

/**
 * Sends a request exactly as given, one header per line, and returns the response, for requests that a regular client
 * cannot send. `sent` is the body, which the headers must describe. It stops reading endless responses: a stream after its first message, a WebSocket after its head.
 * Rejects when the connection ends without a response.
 */
export function askRaw(port: number, requestLine: string, headers: readonly string[], sent = ''): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => {
      socket.write([requestLine, 'Connection: close', ...headers, '', sent].join('\r\n'))
    })
    // One character per byte, because the chunks of a body are counted in bytes.
    socket.setEncoding('latin1').on('data', (chunk) => {
      received += String(chunk)
      if (ENDLESS.test(received)) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      const headEnd = received.indexOf('\r\n\r\n')
      const head = received.slice(0, Math.max(0, headEnd))
      const sentBody = headEnd === -1 ? '' : received.slice(headEnd + 4)
      const isChunked = /^transfer-encoding: chunked$/im.test(head)
      const body = Buffer.from(isChunked ? joinedChunks(sentBody) : sentBody, 'latin1').toString('utf8')
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1])
      if (status) resolve({ status, head, body })
      else reject(new Error(`The connection ended without an answer to ${requestLine.slice(0, 100)}.`))
    })
    socket.setTimeout(30_000, () => socket.destroy(new Error('No answer within 30 seconds.')))
  })
}

/** Decodes a chunked body (RFC 9112, 7.1), also an incomplete one. */
function joinedChunks(body: string): string {
  let joined = ''
  for (let at = 0; ;) {
    const [line, size = '0'] = /^([0-9a-f]+)[^\r]*\r\n/i.exec(body.slice(at, at + 100)) ?? []
    const length = Number.parseInt(size, 16)
    if (line === undefined || length === 0) return joined
    joined += body.slice(at + line.length, at + line.length + length)
    at += line.length + length + 2
  }
}
