import { type NatsConnection, NatsError } from 'nats'
import { parseClusterState } from '../../cluster/cluster-state.ts'
import type { ClusterStateStore } from '../../cluster/ports.ts'
import { KeyValueBucket } from '../key-value-bucket.ts'
import { CLUSTER_STATE_BUCKET } from '../names.ts'

/** The broker's error code for a write that expected another revision. */
const WRONG_LAST_SEQUENCE = 10071

/** Stores the state of a cluster in a key-value bucket of JetStream. The name of the service's consumer, `durable`, is the key. */
export function createClusterStateStore(connection: NatsConnection, durable: string): ClusterStateStore {
  const bucket = new KeyValueBucket(connection, CLUSTER_STATE_BUCKET)
  return {
    read: () =>
      bucket.use(async (kv) => {
        const entry = await kv.get(durable)
        if (entry?.operation !== 'PUT') return undefined
        const state = parseClusterState(entry.string())
        if (!state)
          throw new Error(
            `The entry ${durable} of the bucket ${CLUSTER_STATE_BUCKET} is not a cluster state of this version.`,
          )
        return { state, revision: entry.revision }
      }),
    async write(state, revision) {
      const value = JSON.stringify(state)
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
