/** What befalls processes that share an environment: one dies, sleeps past its lease, comes, goes. */
import { connect } from 'nats'
import { createClusterStateStore } from '../../../src/nats/partitions/cluster-state-store.ts'
import type { ClusterState } from '../../../src/cluster/cluster-state.ts'
import { LEASE_MS } from '../../../src/cluster/failure-detector.ts'
import { until } from '../../support/process/until.ts'
import type { Scenario } from '../scenario.ts'
import type { FaultContext } from '../context.ts'

const TAKEOVER_MS = 60_000
const SAMPLE_MS = 50

/** Asks the board until it is as wanted, and tells how long that took. */
async function watchBoard(
  context: FaultContext,
  what: string,
  isWanted: (board: ClusterState) => boolean,
): Promise<void> {
  const startedAt = performance.now()
  const connection = await connect({ servers: [...context.brokerUrls] })
  try {
    const store = createClusterStateStore(connection, 'analytics')
    let board: ClusterState | undefined
    await until(
      async () => {
        board = (await store.read())?.state
        return board && isWanted(board)
      },
      TAKEOVER_MS,
      what,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}; the board: ${JSON.stringify(board)}`)
    })
    context.tell(`${what} after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`)
  } finally {
    await connection.close()
  }
}

/** Whether so many members share everything. */
function areSharing(board: ClusterState, members: number): boolean {
  const owners = new Set(board.partitions)
  return (
    Object.keys(board.members).length === members &&
    !owners.has(null) &&
    owners.size === members &&
    board.leader !== null
  )
}

/** The longest time, while something is done, in which nothing was stored by anybody. */
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
  context.tell(`nothing was stored for ${(longest / 1_000).toFixed(1)} s at most`)
}

export const SHARING_FAULTS: readonly Scenario[] = [
  {
    name: 'member-killed',
    guarantee: 'one of three processes killed, again and again: the others take over, every event once',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    services: 3,
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      for (let kill = 0; kill < 2 || performance.now() < end; kill++) {
        await watchBoard(context, 'three share', (board) => areSharing(board, 3))
        await Bun.sleep(1_000)
        const victim = context.services[kill % 3]!
        await victim.kill()
        context.note('process killed')
        await watchBoard(context, 'taken over', (board) => areSharing(board, 2))
        await victim.start()
      }
    },
  },
  {
    name: 'member-paused',
    guarantee: 'a process stopped for longer than its lease wakes up in the middle of its work: every event once',
    store: 'server',
    control: 'without-fence',
    rate: 2_000,
    services: 2,
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      for (let pause = 0; pause < 2 || performance.now() < end; pause++) {
        await watchBoard(context, 'two share', (board) => areSharing(board, 2))
        // A look takes a while: most likely it is stopped between one and the insert behind it.
        await context.front.fault({ match: 'find_stored_ids', delayMs: 400, times: 0 })
        await Bun.sleep(1_500)
        const sleeper = context.services[pause % 2]!
        sleeper.signal('SIGSTOP')
        context.note('process stopped')
        await context.front.clearFaults()
        await Bun.sleep(LEASE_MS)
        await watchBoard(context, 'taken over', (board) => areSharing(board, 1))
        await Bun.sleep(1_500)
        sleeper.signal('SIGCONT')
        context.note('process woken')
      }
    },
  },
  {
    name: 'members-join-and-leave',
    guarantee: 'processes come and go, and tenants move between them: every event once',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    services: 3,
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      const [first, , third] = context.services
      do {
        await third!.stop()
        await watchBoard(context, 'two share', (board) => areSharing(board, 2))
        await first!.stop()
        await watchBoard(context, 'one has all', (board) => areSharing(board, 1))
        await Promise.all([first!.start(), third!.start()])
        context.note('two left and joined again')
        await watchBoard(context, 'three share', (board) => areSharing(board, 3))
        await Bun.sleep(1_000)
      } while (performance.now() < end)
    },
  },
  {
    name: 'rolling-restart',
    guarantee: 'three processes restarted one after the other: every event once, and ingestion goes on',
    store: 'server',
    control: 'without-lookup',
    rate: 2_000,
    services: 3,
    async run(context, seconds) {
      const end = performance.now() + seconds * 1_000
      await watchBoard(context, 'three share', (board) => areSharing(board, 3))
      await longestGap(context, async () => {
        do
          for (const service of context.services) {
            await service.stop()
            await service.ready()
            context.note('process restarted')
            await watchBoard(context, 'three share', (board) => areSharing(board, 3))
          }
        while (performance.now() < end)
      })
    },
  },
]
