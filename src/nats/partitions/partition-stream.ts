/**
 * The stream of forwarded events, which the leader consumed and another process stores: one subject per partition.
 */
import { DiscardPolicy, type JetStreamManager, RetentionPolicy, StorageType } from 'nats'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { PARTITION_STREAM, PARTITION_SUBJECT_PREFIX } from '../names.ts'
import { lastSequence } from '../stream-info.ts'

export const PARTITION_STREAM_SPEC: StreamSpec = {
  name: PARTITION_STREAM,
  subjects: [`${PARTITION_SUBJECT_PREFIX}>`],
  storage: StorageType.File,
  // Acknowledged messages are deleted.
  retention: RetentionPolicy.Workqueue,
  max_bytes: 1_024 * 1_048_576,
  // While the stream is full nothing is forwarded, and the events stay in the event stream.
  discard: DiscardPolicy.New,
}

export async function ensurePartitionStream(jsm: JetStreamManager): Promise<void> {
  await ensureStream(jsm, PARTITION_STREAM_SPEC)
}

/** The subject of a partition. The name of the service's consumer, `durable`, identifies the environment. */
export function partitionSubject(durable: string, partition: number): string {
  return `${PARTITION_SUBJECT_PREFIX}${durable}.${partition}`
}

/** The sequence of the last forwarded message of a partition that is still in the stream; 0 = none. */
export function lastForwardedSequence(jsm: JetStreamManager, durable: string, partition: number): Promise<number> {
  return lastSequence(jsm, PARTITION_STREAM, partitionSubject(durable, partition))
}

export function partitionConsumerName(durable: string, partition: number): string {
  return `${durable}-partition-${partition}`
}
