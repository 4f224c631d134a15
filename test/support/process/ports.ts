import { createServer, type Server } from 'node:net'

/**
 * Below what systems take for outgoing connections (from 32768 on Linux, from 49152 elsewhere): else the port of a server that has not started yet, or that was
 * killed and is to come back, could be the near end of anybody's connection by then.
 */
const FIRST_PORT = 12_000
const BLOCK_SIZE = 50
const BLOCK_COUNT = 400

/** The ports that this process may give out. */
interface Block {
  next: number
  readonly end: number
}

let block: Promise<Block> | undefined
let queue: Promise<unknown> = Promise.resolve()

/**
 * A TCP port of the loopback interface that nobody listens on and that no other process of these tests is given, for as long as this one runs; nor is it given here
 * again. So a server may be killed and started again on it.
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

/** The first port of a block stands for all of it: the process that listens there owns the block, until it ends. */
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
