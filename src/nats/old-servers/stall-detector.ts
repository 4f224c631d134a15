/**
 * Workaround for NATS clusters of nats-server 2.9.10: a consumer reads the copy of the stream on the server that leads the consumer. After a kill -9 of that server its copy may lack
 * the last messages, and as long as no new message arrives the consumer reports that nothing is pending. Without it, those messages are delivered only after the next publish.
 * Recreating the consumer helps, as another server may lead the new one. No version is known to be free of this: similar reports exist for 2.10 (nats-server reports 4736 and
 * 5679).
 */
import type { ConsumerInfo, JetStreamManager, StreamInfo } from 'nats'
import { lastSequence } from '../stream-info.ts'

const INITIAL_CHECKS = 5
const MAX_DOUBLINGS = 8

/** Detects a consumer that reports no pending messages although its stream has more. */
export class StallDetector {
  #lastSequence = 0
  #checks = 0
  #alarms = 0

  /** The last sequence that the stalled consumer has not delivered; undefined when it is not stalled or the broker does not respond. */
  async findStall(jsm: JetStreamManager, info: ConsumerInfo, stream: StreamInfo): Promise<number | undefined> {
    const last = await lastRelevantSequence(jsm, info, stream).catch(() => 0)
    return this.isStalled(info, last) ? last : undefined
  }

  /**
   * To be called at regular intervals. `last` is the sequence of the last message in the stream that matches the consumer's filters, as the leader of the stream reports it. True
   * after five calls without progress, then after twice as many each time, in case the reaction did not help.
   */
  isStalled({ delivered, num_pending }: ConsumerInfo, last: number): boolean {
    if (num_pending > 0 || delivered.stream_seq >= last) {
      this.#checks = 0
      return false
    }
    if (last !== this.#lastSequence) {
      this.#lastSequence = last
      this.#checks = this.#alarms = 0
    }
    if (++this.#checks < INITIAL_CHECKS * 2 ** Math.min(this.#alarms, MAX_DOUBLINGS)) return false
    this.#checks = 0
    this.#alarms++
    return true
  }
}

/** The sequence of the last message that matches the consumer's filters; 0 when there is none, when messages are pending, or without a NATS cluster. */
export async function lastRelevantSequence(
  jsm: JetStreamManager,
  { config, num_pending, delivered }: ConsumerInfo,
  { config: { name }, cluster, state }: StreamInfo,
): Promise<number> {
  if (!cluster || state.messages === 0 || num_pending > 0 || delivered.stream_seq >= state.last_seq) return 0
  const filters = config.filter_subjects ?? (config.filter_subject === undefined ? [] : [config.filter_subject])
  // Without a filter the last message may have been deleted: the consumer then looks stalled although none could get further.
  if (filters.length === 0) return state.last_seq
  return Math.max(...(await Promise.all(filters.map((filter) => lastSequence(jsm, name, filter)))))
}
