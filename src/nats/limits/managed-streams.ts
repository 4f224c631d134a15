import { ALERT_RECORD_SPEC } from '../alerts/alert-records.ts'
import { ALERT_STREAM_SPEC } from '../alerts/alert-stream.ts'
import { deadLetterStreamSpec } from '../dead-letters/dead-letter-stream.ts'
import { DEFINITION_STREAM_SPEC } from '../definitions/definition-bucket.ts'
import { deferredStreamSpec } from '../deferred/deferred-stream.ts'
import type { StreamSpec } from '../ensure-stream.ts'
import { DELIVERY_LOG_SPEC, OPEN_DELIVERY_SPEC, RUN_PROGRESS_SPEC } from '../deliveries/delivery-streams.ts'
import { bucketSpec } from '../key-value-bucket.ts'
import { CLUSTER_STATE_BUCKET, PROGRESS_BUCKET } from '../names.ts'
import { PARTITION_STREAM_SPEC } from '../partitions/partition-stream.ts'
import type { StreamLimits } from '../stream-limits.ts'

/** Every stream that the service creates, except the event stream, with its limits. */
export function managedStreams(limits: StreamLimits): StreamSpec[] {
  const buckets = [CLUSTER_STATE_BUCKET, PROGRESS_BUCKET].map(bucketSpec)
  return [
    deadLetterStreamSpec(limits),
    deferredStreamSpec(limits),
    PARTITION_STREAM_SPEC,
    DEFINITION_STREAM_SPEC,
    DELIVERY_LOG_SPEC,
    OPEN_DELIVERY_SPEC,
    RUN_PROGRESS_SPEC,
    ALERT_RECORD_SPEC,
    ALERT_STREAM_SPEC,
    ...buckets,
  ]
}
