/** Publishes changes of state for other systems, in a stream of the service. */
import { DiscardPolicy, nanos, RetentionPolicy, StorageType } from 'nats'
import type { PublishAlertEvent } from '../../alerts/ports.ts'
import type { ConnectionSource } from '../deliveries/delivery-bucket.ts'
import { ensureStream, type StreamSpec } from '../ensure-stream.ts'
import { ALERT_STREAM, ALERT_SUBJECT_PREFIX } from '../names.ts'

const DAY_MS = 86_400_000
const TIMEOUT_MS = 5_000

export const ALERT_STREAM_SPEC: StreamSpec = {
  name: ALERT_STREAM,
  subjects: [`${ALERT_SUBJECT_PREFIX}*`],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  max_age: nanos(30 * DAY_MS),
  max_bytes: 64 * 1_048_576,
  discard: DiscardPolicy.Old,
  // A publish whose response was lost is repeated for hours; there are few messages, whose ids take little memory.
  duplicate_window: nanos(DAY_MS),
}

export function createAlertPublisher(connection: ConnectionSource): PublishAlertEvent {
  let ensured: Promise<unknown> | undefined
  const ensure = async () => ensureStream(await connection().jetstreamManager({ checkAPI: false }), ALERT_STREAM_SPEC)
  return async ({ transition, id, body }) => {
    try {
      await (ensured ??= ensure())
      const jetstream = connection().jetstream({ timeout: TIMEOUT_MS })
      await jetstream.publish(ALERT_SUBJECT_PREFIX + transition, body, { msgID: id })
    } catch (error) {
      // The stream may have been deleted: the next call creates it again.
      ensured = undefined
      throw error
    }
  }
}
