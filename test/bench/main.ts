/**
 * `npm run bench [name …]`: runs the benchmarks and prints the results with their targets as JSON on standard output. By default it runs all benchmarks except those that
 * need a large disk or much time; this takes about 20 minutes. Benchmarks are not tests: a slow result is not a failure.
 */
import { benchAlerts } from './alerts/alerts.ts'
import { benchCapacity } from './capacity/capacity.ts'
import { benchCohorts } from './dashboards/cohorts.ts'
import { benchDashboards } from './dashboards/dashboards.ts'
import { benchDashboardsAfterImport } from './dashboards/dashboards-after-import.ts'
import { benchDrillDown } from './dashboards/drill-down.ts'
import { benchEngagement } from './dashboards/engagement.ts'
import { benchFunnels } from './dashboards/funnels.ts'
import { benchQueries } from './dashboards/queries.ts'
import { benchEdgeSize } from './footprint/edge-size.ts'
import { benchEngagementFreshness, benchFreshness, benchFreshnessHistory } from './ingestion/freshness.ts'
import { benchGreedy } from './requests/greedy.ts'
import { benchIdleMemory } from './footprint/idle-memory.ts'
import { benchFacts, benchIngest, benchServerMemory, benchStraightforward, benchTenants } from './ingestion/ingest.ts'
import { benchIngestHistory } from './ingestion/ingest-history.ts'
import { benchLive } from './requests/live.ts'
import { benchLoop } from './requests/loop.ts'
import { machine } from './measure/machine.ts'
import { PARAMETERS } from './measure/parameters.ts'
import { benchPage } from './page/page.ts'
import { benchPassing } from './cluster/passing.ts'
import { benchPolling } from './requests/polling.ts'
import { benchRuntimes } from './footprint/runtimes.ts'
import { benchSharing } from './cluster/sharing.ts'
import { benchStart, benchStartHistory } from './footprint/start.ts'

interface Bench {
  /** The required target, and a better one that is desirable. */
  readonly bar: string
  readonly further: string
  readonly run: () => Promise<unknown>
  /** Runs only when its name is given. */
  readonly isLarge?: boolean
}

const { runs: RUNS } = PARAMETERS
const BACKLOG = { events: PARAMETERS.events, tenants: 50, runs: RUNS }
const STEADY = { eventsPerSecond: 5_000, seconds: PARAMETERS.seconds }

const BENCHES: Readonly<Record<string, Bench>> = {
  ingest: {
    bar: 'ratio ≥ 0.40 of a bare consumer, about 60,000 events/s; ≤ 30 µs of processor time per event for service and engine; resident ≤ 600 MB at this speed',
    further: '0.65; 20 µs; 450 MB',
    run: () => benchIngest(BACKLOG),
  },
  'ingest-history': {
    bar: 'ratio ≥ 0.75 over 200 million events to an empty store',
    further: '0.95',
    run: () => benchIngestHistory({ ...BACKLOG, history: PARAMETERS.history }),
    isLarge: true,
  },
  'ingest-facts': {
    bar: 'no target: what the facts of messages cost when the events of a message are together, and when they are far apart',
    further: '-',
    run: () => benchFacts(BACKLOG),
    isLarge: true,
  },
  straightforward: {
    bar: 'ratio ≥ 15 to the straightforward design',
    further: '30',
    run: () => benchStraightforward(BACKLOG),
  },
  tenants: {
    bar: 'ratio ≥ 0.80 of 50 tenants, at most 4 inserts/s and 100 parts',
    further: '0.95',
    run: () => benchTenants({ ...BACKLOG, tenants: 10_000 }, BACKLOG.tenants),
  },
  freshness: {
    bar: 'p50 ≤ 600 ms, p99 ≤ 900 ms',
    further: 'p99 ≤ 500 ms',
    run: () => benchFreshness(STEADY),
  },
  'freshness-engagement': {
    bar: 'visible in engagement at 2,000 events/s: p99 ≤ 2,000 ms',
    further: 'p99 ≤ 1,200 ms',
    run: () => benchEngagementFreshness({ ...STEADY, eventsPerSecond: 2_000 }),
  },
  'freshness-history': {
    bar: 'p99 ≤ 1,200 ms over 200 million events',
    further: 'p50 ≤ 600 ms, p99 ≤ 900 ms',
    run: () => benchFreshnessHistory({ ...STEADY, history: PARAMETERS.history }),
    isLarge: true,
  },
  'server-memory': {
    bar: 'resident ≤ 400 MB against a server at full speed',
    further: '250 MB',
    run: () => benchServerMemory(BACKLOG),
  },
  'idle-memory': {
    bar: 'resident ≤ 500 MB, embedded and idle',
    further: '300 MB',
    run: () => benchIdleMemory(RUNS),
  },
  dashboards: {
    bar: 'at 50 million events: counts p50 ≤ 30 ms and p99 ≤ 100 ms, exact distinct counts p50 ≤ 150 ms, 20 times faster than of the rows; growth from 5 million ≤ 2; busy p99 ≤ 4 times idle',
    further: 'growth 1.2; busy 2',
    run: () => benchDashboards([5_000_000, 50_000_000]),
  },
  engagement: {
    bar: 'dashboards of messages at 50 million events: 30 days p50 ≤ 150 ms, 90 days ≤ 300 ms; growth from 5 million ≤ 2',
    further: 'growth 1.5',
    run: () => benchEngagement([5_000_000, 50_000_000]),
  },
  queries: {
    bar: 'at 50 million events, 30 days: over roll-ups by one dimension p50 ≤ 60 ms, over facts by two dimensions ≤ 300 ms',
    further: '30 ms; 150 ms',
    run: () => benchQueries(PARAMETERS.queryHistory, PARAMETERS.queryRequests),
  },
  'drill-down': {
    bar: 'at 50 million events: events, first page and a page after 100,000 p50 ≤ 100 ms; message by id, contact by id over 90 days ≤ 60 ms; messages with a status, first page ≤ 250 ms; 100,000 messages as CSV: first byte ≤ 1 s, memory constant',
    further: '40 ms; 20 ms; 100 ms',
    run: () => benchDrillDown(PARAMETERS.queryHistory, PARAMETERS.queryRequests),
  },
  cohorts: {
    bar: 'at 50 million events: retention of 12 weeks p50 ≤ 2,000 ms, decay of engagement over 30 days ≤ 700 ms',
    further: '670 ms; 230 ms',
    run: () => benchCohorts(PARAMETERS.queryHistory, PARAMETERS.queryRequests),
  },
  funnels: {
    bar: 'at 50 million events, 30 days: message lifecycle p50 ≤ 500 ms, three steps of contacts ≤ 2 s',
    further: 'a third of each',
    run: () => benchFunnels(PARAMETERS.queryHistory, PARAMETERS.queryRequests),
  },
  alerts: {
    bar: '10,000 rules of 500 tenants by the hour: a round in under 60 s, p99 of dashboards meanwhile ≤ 2 times that without',
    further: '20 s',
    run: () => benchAlerts({ rules: PARAMETERS.alertRules, tenants: 500, events: 5_000_000 }),
  },
  'dashboards-200m': {
    bar: 'growth of the medians from 5 to 200 million events ≤ 2',
    further: 'growth 1.2; counts p50 ≤ 10 ms at 200 million events',
    run: () => benchDashboards([5_000_000, 200_000_000]),
    isLarge: true,
  },
  'dashboards-after-import': {
    bar: 'within 10 s of an import of 5 million events: ratio ≤ 2 to the same before it',
    further: '1.2',
    run: () => benchDashboardsAfterImport({ history: PARAMETERS.importHistory, imported: PARAMETERS.imported }),
    isLarge: true,
  },
  polling: {
    bar: '≥ 10,000 requests/s, each authenticated, no store query',
    further: '20,000',
    run: () => benchPolling(RUNS),
  },
  greedy: {
    bar: 'p99 of a tenant beside one with 200 connections ≤ 2 times its p99 alone, 5 million events',
    further: '1.5',
    run: () => benchGreedy({ events: 5_000_000, seconds: 10, load: 'dashboards' }),
  },
  'greedy-funnels': {
    bar: 'p99 of a tenant beside one that requests funnels over 20 connections ≤ 2 times its p99 alone, 5 million events',
    further: '1.5',
    run: () => benchGreedy({ events: 5_000_000, seconds: 10, load: 'funnels' }),
  },
  loop: {
    bar: 'under large files, large answers, unread answers and huge events: /health/live worst ≤ 250 ms, another tenant’s p99 ≤ 2 times its idle p99, unread answers add ≤ 100 MiB',
    further: '/health/live worst ≤ 50 ms',
    run: () => benchLoop({ events: 500_000, seconds: 8 }),
  },
  live: {
    bar: 'seen by a stream p99 ≤ 1,200 ms; memory flat with a client that never reads; a backlog drained ≥ 0.9 as fast with 200 clients',
    further: 'p99 ≤ 700 ms',
    run: () => benchLive({ eventsPerSecond: 5_000, seconds: 30, backlog: 300_000, runs: RUNS }),
  },
  page: {
    bar: 'first paint ≤ 1,000 ms; an event seen there within 1,500 ms; at most 90 kB in English, compressed with gzip',
    further: '-',
    run: () => benchPage({ visits: 15, ticks: 20, baselineFolder: process.env['BASELINE_PAGE'] }),
  },
  runtimes: {
    bar: 'no target: the costs of Deno compared with those of Bun',
    further: '-',
    run: () => benchRuntimes({ ...BACKLOG, events: 200_000 }),
  },
  sharing: {
    bar: 'no target: one, two and three processes with one server, all on one machine',
    further: '-',
    run: () => benchSharing({ events: 500_000, tenants: 60, processes: [1, 2, 3], runs: RUNS }),
    isLarge: true,
  },
  passing: {
    bar: 'no target: three ways to forward an event to another process',
    further: '-',
    run: () => benchPassing({ events: 200_000, runs: RUNS }),
    isLarge: true,
  },
  capacity: {
    bar: 'no target: the cost of a million events per component; recorded in docs/',
    further: '-',
    run: () =>
      benchCapacity({
        events: 120_000,
        warmUp: 30_000,
        tenants: 50,
        history: 5_000_000,
        slow: { perSecond: 1_000, seconds: 20 },
        sharedPerSecond: 2_000,
        outage: { perSecond: 1_500, seconds: [10, 30] },
      }),
    isLarge: true,
  },
  'edge-size': {
    bar: 'at most 3 MB gzipped, as providers take',
    further: '300 kB',
    run: benchEdgeSize,
  },
  start: { bar: 'ready within 1,000 ms', further: '500 ms', run: benchStart },
  'start-history': {
    bar: 'ready within 3,000 ms with 200 million events',
    further: '1,000 ms',
    run: () => benchStartHistory(PARAMETERS.history),
    isLarge: true,
  },
}

const requested = process.argv.slice(2)
const unknown = requested.filter((name) => !Object.hasOwn(BENCHES, name))
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.\n`)
  process.exit(2)
}

const figures: Record<string, unknown> = {}
for (const [name, { bar, further, run, isLarge = false }] of Object.entries(BENCHES)) {
  if (requested.length > 0 ? !requested.includes(name) : isLarge) continue
  process.stderr.write(`${name} …\n`)
  figures[name] = { bar, further, reached: await run() }
}
process.stdout.write(`${JSON.stringify({ machine: machine(), parameters: PARAMETERS, figures }, null, 2)}\n`)
process.exit(0)
