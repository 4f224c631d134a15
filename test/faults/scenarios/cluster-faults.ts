/** What befalls a cluster of brokers. */
import { until } from '../../support/until.ts'
import type { Scenario } from '../scenario.ts'
import type { World } from '../world.ts'

const RESUME_MS = 120_000
const DELIVERED = 'analytics_ledger_events{outcome="delivered"}'

/** Kills whoever leads the stream, or its consumer, and starts it again once deliveries go on without it. */
async function killLeader(world: World, consumer?: string): Promise<void> {
  const leader = await world.cluster.leaderOf('EVENTS', consumer)
  const delivered = async () => (await world.service.metrics()).get(DELIVERED) ?? 0
  await leader.kill9()
  const killedAt = performance.now()
  const since = () => `${((performance.now() - killedAt) / 1_000).toFixed(1)} s`
  const what = `leader of the ${consumer === undefined ? 'stream' : 'consumer'} killed`
  world.note(what)
  // What was on its way at that moment arrives still, and is no sign of life.
  await Bun.sleep(300)
  const before = await delivered()
  const elected = world.cluster
    .leaderOf('EVENTS')
    .then(() => world.tell(`the stream has a leader again after ${since()}`))
  await until(async () => (await delivered()) > before, RESUME_MS, 'deliveries to go on by themselves')
  world.tell(`deliveries again after ${since()}`)
  await elected
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
