import { createServer, type Server } from 'node:net'

/**
 * Below the range of outgoing connections (from 32768 on Linux, from 49152 elsewhere). A port in that range could be taken by another process's outgoing connection
 * before a server starts or restarts.
 */
const FIRST_PORT = 12_000
const BLOCK_SIZE = 50
const BLOCK_COUNT = 400

/** The ports that this process may return. */
interface Block {
  next: number
  readonly end: number
}

let block: Promise<Block> | undefined
let queue: Promise<unknown> = Promise.resolve()

/**
 * A free TCP port of the loopback interface. No other test process gets it while this one runs, and this process never returns it again, so a server can be killed and
 * restarted on it.
 */
export function freePort(): Promise<number> {
  const port = queue.then(nextPort)
  queue = port.catch(() => {})
  return port
}

async function nextPort(): Promise<number> {
  for (;;) {
    const own = await (block ??= claimBlock())
    if (own.next === own.end) {
      block = undefined
      continue
    }
    const port = own.next++
    const probe = await listenOn(port)
    if (!probe) continue
    await new Promise((resolve) => probe.close(resolve))
    return port
  }
}

/** The first port of a block represents the block: the process that listens on it owns the block until it exits. */
async function claimBlock(): Promise<Block> {
  for (let tried = 0; tried < BLOCK_COUNT; tried++) {
    const first = FIRST_PORT + ((process.pid + tried) % BLOCK_COUNT) * BLOCK_SIZE
    const holder = await listenOn(first)
    if (!holder) continue
    holder.unref()
    return { next: first + 1, end: first + BLOCK_SIZE }
  }
  throw new Error(`All ports from ${FIRST_PORT} to ${FIRST_PORT + BLOCK_COUNT * BLOCK_SIZE} are taken by tests.`)
}

/** Undefined when another process listens there. */
function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      ['EADDRINUSE', 'EACCES'].includes(error.code ?? '') ? resolve(undefined) : reject(error),
    )
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
