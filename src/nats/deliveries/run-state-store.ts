import type { RunStateStore } from '../../delivery/run-state-store.ts'
import { type ConnectionSource, DeliveryBucket } from './delivery-bucket.ts'
import { sourcePrefix } from './delivery-store.ts'
import { RUN_PROGRESS_SPEC } from './delivery-streams.ts'

/** `kind` separates schedules from alert rules, and from other states of the same. */
export function createRunStateStore<State>(connection: ConnectionSource, kind: string): RunStateStore<State> {
  const bucket = new DeliveryBucket(connection, RUN_PROGRESS_SPEC)
  const keyOf = (tenantId: string, sourceId: string) => `${sourcePrefix(kind, tenantId, sourceId)}state`
  return {
    async read(tenantId, sourceId) {
      const entry = await bucket.read(keyOf(tenantId, sourceId))
      return entry && { state: entry.value as State, revision: entry.revision }
    },
    async write(tenantId, sourceId, state, revision) {
      return (await bucket.write(keyOf(tenantId, sourceId), state, revision)) !== undefined
    },
    async remove(tenantId, sourceId) {
      const entry = await bucket.read(keyOf(tenantId, sourceId))
      if (entry) await bucket.delete(entry.revision)
    },
  }
}
