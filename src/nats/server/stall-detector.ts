import type { ConsumerInfo, JetStreamManager, StreamInfo } from 'nats'
import { lastSequence } from '../stream-info.ts'

const INITIAL_CHECKS = 5
const MAX_DOUBLINGS = 8

/**
 * Notices when a consumer says that nothing waits while its stream goes on behind it. A consumer reads the copy of the server that leads it, and that copy may lack the last
 * messages for as long as no new one comes (nats-server 2.9.10, after a kill of its process). Another server has them: a consumer made anew is led by any.
 */
export class StallDetector {
  #lastSequence = 0
  #checks = 0
  #alarms = 0

  /**
   * To be asked at each look. `wanted` is the sequence of the last message in the stream that the consumer is for, as the stream's leader knows it. True after five looks at
   * which nothing has changed, then after twice as many each time, in case that what was done about it does not help.
   */
  isStalled({ delivered, num_pending }: ConsumerInfo, wanted: number): boolean {
    if (num_pending > 0 || delivered.stream_seq >= wanted) {
      this.#checks = 0
      return false
    }
    if (wanted !== this.#lastSequence) {
      this.#lastSequence = wanted
      this.#checks = this.#alarms = 0
    }
    if (++this.#checks < INITIAL_CHECKS * 2 ** Math.min(this.#alarms, MAX_DOUBLINGS)) return false
    this.#checks = 0
    this.#alarms++
    return true
  }
}

/** The sequence of the last message in the stream that the consumer is for; 0 when there is none, or where one server has the only copy. */
export async function lastRelevantSequence(
  jsm: JetStreamManager,
  { config, num_pending, delivered }: ConsumerInfo,
  { config: { name }, cluster, state }: StreamInfo,
): Promise<number> {
  if (!cluster || state.messages === 0 || num_pending > 0 || delivered.stream_seq >= state.last_seq) return 0
  const filters = config.filter_subjects ?? (config.filter_subject === undefined ? [] : [config.filter_subject])
  // Of an unfiltered consumer every message is wanted, and the last one may have been deleted: then it looks the same and no consumer gets further.
  if (filters.length === 0) return state.last_seq
  return Math.max(...(await Promise.all(filters.map((filter) => lastSequence(jsm, name, filter)))))
}
