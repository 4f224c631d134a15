/** What befalls a cluster of brokers. */
import { until } from '../../support/until.ts'
import type { Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const RESUME_MS = 120_000
const ON_ITS_WAY_MS = 300
const DELIVERED = 'analytics_ledger_events{outcome="delivered"}'

/** Kills whoever leads the stream, or its consumer, and starts it again once deliveries go on without it. */
async function killLeader(world: World, consumer?: string): Promise<void> {
  const leader = await world.cluster.leaderOf('EVENTS', consumer)
  await leader.kill9()
  const killedAt = performance.now()
  world.note(`leader of the ${consumer === undefined ? 'stream' : 'consumer'} killed`)
  let electedAt: number | undefined
  const election = world.cluster.leaderOf('EVENTS').then(() => (electedAt = performance.now()))
  let [delivered, movedAt, longestPauseMs] = [0, killedAt, 0]
  await until(
    async () => {
      const count = (await world.service.metrics()).get(DELIVERED) ?? 0
      if (count <= delivered) return false
      delivered = count
      longestPauseMs = Math.max(longestPauseMs, performance.now() - movedAt)
      movedAt = performance.now()
      // What was on its way at that moment arrives still, and is no sign of life.
      return electedAt !== undefined && movedAt > electedAt + ON_ITS_WAY_MS
    },
    RESUME_MS,
    'deliveries to go on by themselves',
  )
  await election
  const seconds = (ms: number) => (ms / 1_000).toFixed(1)
  world.tell(`a new leader after ${seconds(electedAt! - killedAt)} s, no delivery for ${seconds(longestPauseMs)} s`)
  await leader.restart()
  world.note('server of the cluster restarted')
}

export const CLUSTER_FAULTS: readonly Scenario[] = [
  {
    name: 'broker-leader-killed',
    guarantee:
      'the servers that lead the stream and the consumer killed one after the other: it goes on by itself, every event once',
    store: 'embedded',
    control: 'without-look',
    rate: 2_000,
    isCluster: true,
    async run(world, seconds) {
      const endsAt = performance.now() + seconds * 1_000
      for (let kill = 0; kill === 0 || performance.now() < endsAt; kill++) {
        await world.cluster.inSync()
        await Bun.sleep(1_000)
        await killLeader(world, kill % 2 === 1 ? 'analytics' : undefined)
      }
    },
  },
]
