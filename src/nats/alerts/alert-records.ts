/** Stores the records of alert rules in a key-value bucket of JetStream, with compare-and-set by revision. */
import type { AlertRecord } from '../../alerts/evaluation/alert-record.ts'
import type { AlertRecordStore } from '../../alerts/ports.ts'
import { type ConnectionSource, DeliveryBucket } from '../deliveries/delivery-bucket.ts'
import type { StreamSpec } from '../ensure-stream.ts'
import { bucketSpec } from '../key-value-bucket.ts'
import { ALERT_BUCKET } from '../names.ts'
import { tokenOf } from '../tenant-token.ts'

/** A record has some hundred bytes, and some ten kilobytes after many changes of state. */
const MAX_BYTES = 512 * 1_048_576

/** Records of deleted rules are deleted one by one. */
export const ALERT_RECORD_SPEC: StreamSpec = { ...bucketSpec(ALERT_BUCKET), max_bytes: MAX_BYTES, deny_delete: false }

export function createAlertRecordStore(connection: ConnectionSource): AlertRecordStore {
  const bucket = new DeliveryBucket(connection, ALERT_RECORD_SPEC)
  const keyOf = (tenantId: string, ruleId: string) => `${tokenOf(tenantId)}.${ruleId}`
  return {
    async read(tenantId, ruleId) {
      const found = await bucket.read(keyOf(tenantId, ruleId))
      return found && { record: found.value as AlertRecord, revision: found.revision }
    },
    write: (tenantId, ruleId, record, expected) => bucket.write(keyOf(tenantId, ruleId), record, expected),
    async remove(tenantId, ruleId) {
      const found = await bucket.read(keyOf(tenantId, ruleId))
      if (found) await bucket.delete(found.revision)
    },
  }
}
