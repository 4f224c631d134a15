import type { StreamLimits } from './stream-limits.ts'
import type { StreamSpec } from '../ensure-stream.ts'
import { CLUSTER_STATE_BUCKET } from '../partitions/cluster-state-store.ts'
import { deferredStreamSpec } from '../deferred/deferred-stream.ts'
import { bucketSpec } from '../key-value-bucket.ts'
import { PARTITION_STREAM_SPEC } from '../partitions/partition-stream.ts'
import { PROGRESS_BUCKET } from '../consumer/progress-record.ts'
import { deadLetterStreamSpec } from '../topology.ts'

/** Every stream that the service makes beside the event stream, with its limits. */
export function managedStreams(limits: StreamLimits): StreamSpec[] {
  const buckets = [CLUSTER_STATE_BUCKET, PROGRESS_BUCKET].map(bucketSpec)
  return [deadLetterStreamSpec(limits), deferredStreamSpec(limits), PARTITION_STREAM_SPEC, ...buckets]
}
