/**
 * `npm run bench [name]`: the benchmarks, as JSON on standard output. Names: ingest, tenants, start; all of them by default.
 */
import { benchIngest } from './ingest.ts'
import { machine } from './machine.ts'
import { benchStart } from './start.ts'

const BENCHES: Readonly<Record<string, () => Promise<unknown>>> = {
  /** A backlog of 50 tenants. */
  ingest: () => benchIngest(500_000, 50),
  /** The same backlog, spread over 10,000 tenants. */
  tenants: () => benchIngest(500_000, 10_000),
  start: benchStart,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exit(2)
}

const figures: Record<string, unknown> = {}
for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  figures[name] = await bench()
}
process.stdout.write(`${JSON.stringify({ machine: machine(), figures }, null, 2)}\n`)
process.exit(0)
