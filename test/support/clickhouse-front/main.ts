/**
 * A ClickHouse server for tests: `bun main.ts --path <dir> --port <n>`, one process and one data directory.
 * Prints `listening http://127.0.0.1:<port>` when it answers. SIGTERM ends it after the requests in flight.
 * Run it with `UV_THREADPOOL_SIZE` well above `--concurrency`: the engine's calls run on that pool, and its default
 * is one thread per core.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Engine } from './engine.ts'
import { Faults } from './faults.ts'
import { createFront } from './front.ts'

const { values } = parseArgs({
  options: {
    path: { type: 'string' },
    port: { type: 'string', default: '0' },
    user: { type: 'string' },
    password: { type: 'string', default: '' },
    /** A configuration file of the engine's: the only way to give it users and row policies. */
    config: { type: 'string' },
    concurrency: { type: 'string', default: '8' },
    /** An existing directory for insert data on its way, best in memory; removed at the end. */
    spool: { type: 'string' },
    /** Ends with the process that holds the other end of stdin, so that a killed test run leaves nothing behind. */
    tied: { type: 'boolean', default: false },
  },
})
if (values.path === undefined) throw new Error('--path <data directory> is required')

const spool = values.spool ?? mkdtempSync(join(tmpdir(), 'clickhouse-front-spool-'))
process.on('exit', () => rmSync(spool, { recursive: true, force: true }))
const engine = new Engine(values.path, Number(values.concurrency), spool, values.config)
const { user, password } = values
const server = createFront({
  engine,
  faults: new Faults(),
  ...(user === undefined ? {} : { credentials: { user, password } }),
})

let stopping = false
function stop(): void {
  if (stopping) return
  stopping = true
  server.close(() => void engine.close().then(() => process.exit(0)))
  // Again and again: a connection whose request has just been answered is idle only now.
  setInterval(() => server.closeIdleConnections(), 20)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
if (values.tied) {
  process.stdin.on('end', () => process.exit(1))
  process.stdin.resume()
}

server.listen(Number(values.port), '127.0.0.1', () => {
  console.log(`listening http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
