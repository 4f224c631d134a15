/** Faults of processes in a cluster: a member is killed, is suspended past its lease, joins, or leaves. */
import { connect } from 'nats'
import { createClusterStateStore } from '../../../src/nats/partitions/cluster-state-store.ts'
import type { ClusterState } from '../../../src/cluster/cluster-state.ts'
import { LEASE_MS } from '../../../src/cluster/failure-detector.ts'
import { until } from '../../support/process/until.ts'
import type { Scenario } from '../scenario.ts'
import type { FaultContext } from '../context.ts'

const TAKEOVER_MS = 60_000
const SAMPLE_MS = 50

/** Polls the cluster state until `isWanted`, and reports how long that took. */
async function awaitState(
  context: FaultContext,
  what: string,
  isWanted: (state: ClusterState) => boolean,
): Promise<void> {
  const startedAt = performance.now()
  const connection = await connect({ servers: [...context.brokerUrls] })
  try {
    const store = createClusterStateStore(connection, 'analytics')
    let state: ClusterState | undefined
    await until(
      async () => {
        state = (await store.read())?.state
        return state && isWanted(state)
      },
      TAKEOVER_MS,
      what,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; the cluster state: ${JSON.stringify(state)}`)
    })
    context.tell(`${what} after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  } finally {
    await connection.close()
  }
}

/** Whether `members` members own all partitions. */
function areSharing(state: ClusterState, members: number): boolean {
  const owners = new Set(state.partitions)
  return (
    Object.keys(state.members).length === members &&
    !owners.has(null) &&
    owners.size === members &&
    state.leader !== null
  )
}

/** Reports the longest time during `task` in which no event was stored. */
async function longestGap(context: FaultContext, task: () => Promise<void>): Promise<void> {
  const over = new AbortController()
  let [longest, last, stored] = [0, performance.now(), 0]
  const sampling = (async () => {
    while (!over.signal.aborted) {
      const [count] = await context.ask<{ rows: number }>('SELECT toUInt32(count()) AS rows FROM analytics_events')
      const now = performance.now()
      if (count!.rows > stored) [stored, last] = [count!.rows, now]
      longest = Math.max(longest, now - last)
      await Bun.sleep(SAMPLE_MS)
    }
  })()
  await task()
  over.abort()
  await sampling
  context.tell(`no event was stored for ${(longest / 1_000).toFixed(1)} s at most`)
}

export const SHARING_FAULTS: readonly Scenario[] = [
  {
    name: 'member-killed',
    guarantee: 'one of three processes is killed repeatedly: the others take over, and every event is stored once',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    services: 3,
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      for (let kill = 0; kill < 2 || performance.now() < end; kill++) {
        await awaitState(context, 'three members own all partitions', (state) => areSharing(state, 3))
        await Bun.sleep(1_000)
        const victim = context.services[kill % 3]!
        await victim.kill()
        context.note('process killed')
        await awaitState(context, 'partitions taken over', (state) => areSharing(state, 2))
        await victim.start()
      }
    },
  },
  {
    name: 'member-paused',
    guarantee:
      'a process is suspended past its lease and resumes in the middle of an insert: every event is stored once',
    store: 'server',
    control: 'without-fence',
    rate: 2_000,
    services: 2,
    // With a filter no lookup of new events reaches the store, where it is delayed.
    env: { ID_FILTER_MEMORY_MB: '0' },
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      for (let pause = 0; pause < 1 || performance.now() < end; pause++) {
        await awaitState(context, 'two members own all partitions', (state) => areSharing(state, 2))
        // Slow lookups, so that the process is probably suspended between a lookup and its insert.
        await context.front.fault({ match: 'find_stored_ids', delayMs: 400, times: 0 })
        await Bun.sleep(1_500)
        const suspended = context.services[pause % 2]!
        suspended.signal('SIGSTOP')
        context.note('process suspended')
        await context.front.clearFaults()
        await Bun.sleep(LEASE_MS)
        await awaitState(context, 'partitions taken over', (state) => areSharing(state, 1))
        await Bun.sleep(1_500)
        suspended.signal('SIGCONT')
        context.note('process resumed')
      }
    },
  },
  {
    name: 'members-join-and-leave',
    guarantee: 'processes join and leave, and tenants move between them: every event is stored once',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    services: 3,
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      const [first, , third] = context.services
      do {
        await third!.stop()
        await awaitState(context, 'two members own all partitions', (state) => areSharing(state, 2))
        await first!.stop()
        await awaitState(context, 'one member owns all partitions', (state) => areSharing(state, 1))
        await Promise.all([first!.start(), third!.start()])
        context.note('two left and joined again')
        await awaitState(context, 'three members own all partitions', (state) => areSharing(state, 3))
        await Bun.sleep(1_000)
      } while (performance.now() < end)
    },
  },
  {
    name: 'rolling-restart',
    guarantee: 'three processes are restarted one after the other: every event is stored once, and ingestion continues',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    services: 3,
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      await awaitState(context, 'three members own all partitions', (state) => areSharing(state, 3))
      await longestGap(context, async () => {
        do
          for (const service of context.services) {
            await service.stop()
            await service.ready()
            context.note('process restarted')
            await awaitState(context, 'three members own all partitions', (state) => areSharing(state, 3))
          }
        while (performance.now() < end)
      })
    },
  },
]
