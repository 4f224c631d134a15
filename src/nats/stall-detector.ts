import type { ConsumerInfo, StreamInfo } from 'nats'

const PATIENT_LOOKS = 5
const MAX_DOUBLINGS = 8

/**
 * Notices when a consumer says that nothing waits while its stream goes on behind it. A consumer reads the copy of the server that leads it, and that copy may lack the last
 * messages for as long as no new one comes (nats-server 2.9.10, after a kill of its process). Another server has them: a consumer made anew is led by any.
 */
export class StallDetector {
  #end = 0
  #looks = 0
  #alarms = 0

  /**
   * To be asked at each look at both. True after five looks at which nothing has changed, then after twice as many each time: where the last messages of the stream were
   * deleted, it looks the same and no consumer gets further.
   */
  isStalled({ config, delivered, num_pending }: ConsumerInfo, { cluster, state }: StreamInfo): boolean {
    const isFiltered = config.filter_subject !== undefined || config.filter_subjects !== undefined
    const lacks = num_pending === 0 && state.messages > 0 && delivered.stream_seq < state.last_seq
    if (!lacks || isFiltered || !cluster) {
      this.#looks = 0
      return false
    }
    if (state.last_seq !== this.#end) {
      this.#end = state.last_seq
      this.#looks = this.#alarms = 0
    }
    if (++this.#looks < PATIENT_LOOKS * 2 ** Math.min(this.#alarms, MAX_DOUBLINGS)) return false
    this.#looks = 0
    this.#alarms++
    return true
  }
}
