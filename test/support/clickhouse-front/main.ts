/**
 * A ClickHouse server for tests: `bun main.ts --path <dir> --port <n>`, one process and one data directory.
 * Prints `listening http://127.0.0.1:<port>` when it accepts requests. SIGTERM ends it after the requests in flight.
 * Run it with `UV_THREADPOOL_SIZE` well above `--concurrency`: calls of the engine run on that pool, whose default size
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
    /** A configuration file of the engine: the only way to define users and row policies. */
    config: { type: 'string' },
    concurrency: { type: 'string', default: '8' },
    /** An existing directory for the data of inserts, preferably in memory; removed at the end. */
    spool: { type: 'string' },
    /** Exits with the process that holds the other end of stdin, so that a killed test run leaves no process behind. */
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
  // Repeated, because a connection becomes idle only after its response was sent.
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
