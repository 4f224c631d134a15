import { type NatsConnection, NatsError } from 'nats'
import { parseClusterState } from '../../cluster/cluster-state.ts'
import type { ClusterStateStore } from '../../cluster/ports.ts'
import { KeyValueBucket } from '../key-value-bucket.ts'

/** The name of the bucket. */
export const CLUSTER_STATE_BUCKET = 'analytics-sharing'
/** The broker's code for a write that expected another revision. */
const WRONG_LAST_SEQUENCE = 10071

/** Keeps the board of an environment, which is known by its consumer's name, in a key-value bucket of JetStream. */
export function createClusterStateStore(connection: NatsConnection, durable: string): ClusterStateStore {
  const bucket = new KeyValueBucket(connection, CLUSTER_STATE_BUCKET)
  return {
    read: () =>
      bucket.use(async (kv) => {
        const entry = await kv.get(durable)
        if (entry?.operation !== 'PUT') return undefined
        const board = parseClusterState(entry.string())
        if (!board)
          throw new Error(`The entry ${durable} of the bucket ${CLUSTER_STATE_BUCKET} is no board of this version.`)
        return { board, revision: entry.revision }
      }),
    async write(board, revision) {
      const value = JSON.stringify(board)
      try {
        return await bucket.use((kv) =>
          revision === 0 ? kv.create(durable, value) : kv.update(durable, value, revision),
        )
      } catch (error) {
        if (error instanceof NatsError && error.api_error?.err_code === WRONG_LAST_SEQUENCE) return undefined
        throw error
      }
    },
  }
}
