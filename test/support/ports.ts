import { createServer } from 'node:net'

/** A TCP port of the loopback interface that nobody listens on at this moment. Take it soon: nothing reserves it. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port)
        else reject(new Error('The loopback interface gave no port.'))
      })
    })
  })
}
