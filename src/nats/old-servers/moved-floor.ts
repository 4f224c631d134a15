/**
 * Workaround for servers before 2.10.11: a purge of one subject moves the acknowledgement floor of a consumer past undelivered messages of all other subjects (nats-server pull
 * requests 3838 of February 2023, and 5075, which 2.10.11 contains). Without it, the service would start after that floor and those messages would never be
 * stored.
 */
import type { ConsumerInfo } from 'nats'
import { isFiltered } from '../consumer-info.ts'

/** Progress that the service recorded itself, see `ProgressRecord`. */
interface OwnProgress {
  readonly consumerCreated: string
  readonly sequence: number
  readonly consumerSequence: number
}

/** How many deliveries the consumer acknowledged after the record was written; 0 when it is another consumer. */
export function acknowledgedSince({ created, ack_floor }: ConsumerInfo, recorded: OwnProgress): number {
  return created === recorded.consumerCreated ? Math.max(0, ack_floor.consumer_seq - recorded.consumerSequence) : 0
}

/**
 * Whether the floor is further ahead of the recorded sequence than acknowledged deliveries explain. A filtered consumer skips messages of other subjects, which explains any
 * floor; servers that support several filters are assumed not to move it.
 */
export function isFloorMoved(info: ConsumerInfo, recorded: OwnProgress): boolean {
  const distance = info.ack_floor.stream_seq - recorded.sequence
  return distance > 0 && !isFiltered(info) && acknowledgedSince(info, recorded) !== distance
}
