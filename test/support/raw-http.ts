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
 * Sends a request as it is written, one header a line, and gives the answer; for what a well-behaved client
 * cannot send. `sent` is the body, to which the headers have to fit. What does not end is left: a stream behind its first message, a WebSocket behind its head.
 * Rejects when the connection ends without an answer.
 */
export function askRaw(port: number, requestLine: string, headers: readonly string[], sent = ''): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => {
      socket.write([requestLine, 'Connection: close', ...headers, '', sent].join('\r\n'))
    })
    socket.setEncoding('utf8').on('data', (chunk) => {
      received += String(chunk)
      if (ENDLESS.test(received)) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      const [head = '', body = ''] = received.split('\r\n\r\n', 2)
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1])
      if (status) resolve({ status, head, body })
      else reject(new Error(`The connection ended without an answer to ${requestLine.slice(0, 100)}.`))
    })
    socket.setTimeout(10_000, () => socket.destroy(new Error('No answer within ten seconds.')))
  })
}
