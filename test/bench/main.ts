/**
 * `npm run bench [name …]`: the benchmarks, as JSON on standard output: each with what it should reach. All of them by default, which takes about 12 minutes. They are
 * no tests: none fails for being slow.
 */
import { benchFreshness } from './freshness.ts'
import { benchIdleMemory } from './idle-memory.ts'
import { benchIngest, benchServerMemory, benchStraightforward, benchTenants } from './ingest.ts'
import { machine } from './machine.ts'
import { benchPolling } from './polling.ts'
import { benchStart } from './start.ts'

interface Bench {
  /** What is asked, and what would be better still. */
  readonly bar: string
  readonly further: string
  readonly run: () => Promise<unknown>
}

const RUNS = 3
const BACKLOG = { events: 500_000, tenants: 50, runs: RUNS }

const BENCHES: Readonly<Record<string, Bench>> = {
  ingest: {
    bar: 'ratio ≥ 0.60 of a bare consumer, about 45,000 events/s',
    further: '0.85',
    run: () => benchIngest(BACKLOG),
  },
  straightforward: {
    bar: 'ratio ≥ 8 to the straightforward design',
    further: '15',
    run: () => benchStraightforward(BACKLOG),
  },
  tenants: {
    bar: 'ratio ≥ 0.80 of 50 tenants, at most 4 inserts/s and 100 parts',
    further: '0.95',
    run: () => benchTenants({ ...BACKLOG, tenants: 10_000 }, BACKLOG.tenants),
  },
  freshness: {
    bar: 'p50 ≤ 700 ms, p99 ≤ 1,200 ms',
    further: 'p99 ≤ 500 ms',
    run: () => benchFreshness({ eventsPerSecond: 5_000, seconds: 60 }),
  },
  'server-memory': {
    bar: 'resident ≤ 400 MB against a server at full speed',
    further: '250 MB',
    run: () => benchServerMemory(BACKLOG),
  },
  'idle-memory': {
    bar: 'resident ≤ 500 MB, embedded and idle',
    further: '250 MB',
    run: () => benchIdleMemory(RUNS),
  },
  polling: {
    bar: 'ratio ≥ 0.5 of a bare route of the framework, no store query',
    further: '0.8',
    run: () => benchPolling(RUNS),
  },
  start: { bar: 'ready within 2,000 ms', further: '1,000 ms', run: benchStart },
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exit(2)
}

const figures: Record<string, unknown> = {}
for (const [name, { bar, further, run }] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  figures[name] = { bar, further, reached: await run() }
}
process.stdout.write(`${JSON.stringify({ machine: machine(), figures }, null, 2)}\n`)
process.exit(0)
