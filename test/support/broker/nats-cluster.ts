import { connect } from 'nats'
import { type NatsServer, startNatsServer } from './nats-server.ts'
import { freePort } from '../process/ports.ts'
import { until } from '../process/until.ts'

/** Servers that replicate their streams. */
export interface NatsCluster {
  readonly members: readonly NatsServer[]
  /** In the format of NATS_URL. */
  readonly urls: string
  /** The leader of a stream or of a consumer; waits for its election. */
  leaderOf(stream: string, consumer?: string): Promise<NatsServer>
  /** Waits until every member has all data: only then may another member be lost. */
  inSync(): Promise<void>
  stop(): Promise<void>
}

const ELECTION_MS = 30_000

/** Real nats-servers on the loopback interface, three by default, with JetStream and a leader when this resolves. */
export async function startNatsCluster(size = 3): Promise<NatsCluster> {
  const routePorts = await Promise.all(Array.from({ length: size }, freePort))
  const routes = routePorts.map((port) => `nats://127.0.0.1:${port}`).join(', ')
  const members = await Promise.all(
    routePorts.map((port, index) =>
      startNatsServer({
        config: `server_name: member-${index}\ncluster { name: test, listen: "127.0.0.1:${port}", routes: [${routes}] }`,
      }),
    ),
  )
  const urls = members.map(({ url }) => url)
  return {
    members,
    urls: urls.join(','),
    async leaderOf(stream, consumer) {
      const connection = await connect({ servers: urls })
      try {
        const jsm = await connection.jetstreamManager({ checkAPI: false, timeout: 1_000 })
        return await until(
          async () => {
            const { cluster } = await (consumer === undefined
              ? jsm.streams.info(stream)
              : jsm.consumers.info(stream, consumer))
            return members.find((_, index) => cluster?.leader === `member-${index}`)
          },
          ELECTION_MS,
          `a leader of ${stream}`,
        )
      } finally {
        await connection.close()
      }
    },
    async inSync() {
      const connection = await connect({ servers: urls })
      try {
        const jsm = await connection.jetstreamManager({ checkAPI: false, timeout: 1_000 })
        await until(
          async () => {
            const infos = [...(await jsm.streams.list().next())]
            const consumers = await Promise.all(infos.map(({ config }) => jsm.consumers.list(config.name).next()))
            // A consumer that the client replaces when it is lost, such as the one that follows a bucket, is on one member only.
            const replicated = [...infos, ...consumers.flat().filter(({ config }) => config.num_replicas !== 1)]
            return replicated.every(
              ({ cluster }) =>
                cluster?.leader &&
                cluster.replicas?.length === size - 1 &&
                cluster.replicas.every(({ current }) => current),
            )
          },
          ELECTION_MS,
          'the members of the cluster to catch up',
        )
      } finally {
        await connection.close()
      }
    },
    async stop() {
      await Promise.all(members.map((member) => member.stop()))
    },
  }
}
