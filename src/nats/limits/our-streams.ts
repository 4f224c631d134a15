import type { StreamLimits } from '../../stream-limits.ts'
import type { StreamWish } from '../add-stream.ts'
import { BOARD_BUCKET } from '../board-store.ts'
import { delayedStreamWish } from '../delayed-stream.ts'
import { bucketWish } from '../key-value-bucket.ts'
import { PARTITION_STREAM_WISH } from '../partition-stream.ts'
import { SETTLED_BUCKET } from '../settled-record.ts'
import { deadLetterStreamWish } from '../topology.ts'

/** Every stream that the service makes beside the event stream, with its limits. */
export function streamsBesideEvents(limits: StreamLimits): StreamWish[] {
  const buckets = [BOARD_BUCKET, SETTLED_BUCKET].map(bucketWish)
  return [deadLetterStreamWish(limits), delayedStreamWish(limits), PARTITION_STREAM_WISH, ...buckets]
}
