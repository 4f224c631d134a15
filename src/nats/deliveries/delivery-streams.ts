/** The streams of deliveries, each a key-value bucket. */
import { DiscardPolicy } from 'nats'
import type { StreamSpec } from '../ensure-stream.ts'
import { bucketSpec } from '../key-value-bucket.ts'
import { DELIVERY_BUCKET, OPEN_DELIVERY_BUCKET, RUN_PROGRESS_BUCKET } from '../names.ts'

const NS_PER_DAY = 86_400_000_000_000
/** How long a delivery stays in the log after its last change. */
const LOG_DAYS = 90
/** Some 400,000 deliveries; beyond them the oldest leave the log. */
const LOG_MAX_BYTES = 256 * 1_048_576

export const DELIVERY_LOG_SPEC: StreamSpec = {
  ...bucketSpec(DELIVERY_BUCKET),
  max_age: LOG_DAYS * NS_PER_DAY,
  max_bytes: LOG_MAX_BYTES,
  discard: DiscardPolicy.Old,
  // Erasing a tenant deletes messages one by one.
  deny_delete: false,
}

/** Entries are deleted one by one. */
export const OPEN_DELIVERY_SPEC: StreamSpec = { ...bucketSpec(OPEN_DELIVERY_BUCKET), deny_delete: false }

export const RUN_PROGRESS_SPEC: StreamSpec = { ...bucketSpec(RUN_PROGRESS_BUCKET), deny_delete: false }
