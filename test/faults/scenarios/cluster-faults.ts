/** What befalls a cluster of brokers. */
import { until } from '../../support/process/until.ts'
import type { Scenario } from '../scenario.ts'
import type { FaultContext } from '../context.ts'

const RESUME_MS = 120_000
const ON_ITS_WAY_MS = 300
const DELIVERED = 'analytics_ledger_events{outcome="delivered"}'

/** Kills whoever leads the stream, or its consumer, and starts it again once deliveries go on without it. */
async function killLeader(context: FaultContext, consumer?: string): Promise<void> {
  const leader = await context.cluster.leaderOf('EVENTS', consumer)
  await leader.kill9()
  const killedAt = performance.now()
  context.note(`leader of the ${consumer === undefined ? 'stream' : 'consumer'} killed`)
  let electedAt: number | undefined
  const election = context.cluster.leaderOf('EVENTS').then(() => (electedAt = performance.now()))
  let [delivered, movedAt, longestPauseMs] = [0, killedAt, 0]
  await until(
    async () => {
      const count = (await context.service.metrics()).get(DELIVERED) ?? 0
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
  context.tell(`a new leader after ${seconds(electedAt! - killedAt)} s, no delivery for ${seconds(longestPauseMs)} s`)
  await leader.restart()
  context.note('server of the cluster restarted')
}

export const CLUSTER_FAULTS: readonly Scenario[] = [
  {
    name: 'broker-leader-killed',
    guarantee: 'the server that leads the stream, or its consumer, killed: it goes on by itself, every event once',
    store: 'embedded',
    control: 'without-lookup',
    rate: 2_000,
    isCluster: true,
    // Once: see the known gaps for what the broker itself does when it is killed again and again.
    async run(context, seconds) {
      await Bun.sleep((seconds * 1_000) / 2)
      await context.cluster.inSync()
      await killLeader(context, context.chance.hits(0.5) ? 'analytics' : undefined)
      await Bun.sleep((seconds * 1_000) / 2)
    },
  },
]
