import { ErrorCode, type NatsConnection, NatsError } from 'nats'
import { messageOf } from '../../../base/errors.ts'
import { type Broker, PublishFailure } from './publisher.ts'

const PUBLISH_TIMEOUT_MS = 5_000

/** Publishes to JetStream; an acknowledgement means that the message is stored. */
export function createJetStreamBroker(connection: NatsConnection): Broker {
  const jetStream = connection.jetstream()
  return {
    async publish(subject, messageId, payload) {
      try {
        const { duplicate } = await jetStream.publish(subject, payload, {
          msgID: messageId,
          timeout: PUBLISH_TIMEOUT_MS,
        })
        return { isDuplicate: duplicate }
      } catch (error) {
        throw toPublishFailure(error)
      }
    },
  }
}

function toPublishFailure(error: unknown): PublishFailure {
  const code = error instanceof NatsError ? error.code : undefined
  if (code === ErrorCode.NoResponders)
    return new PublishFailure('no-stream', 'no stream captures these subjects', error)
  const isPermanent =
    code === ErrorCode.PermissionsViolation ||
    code === ErrorCode.MaxPayloadExceeded ||
    code === ErrorCode.ConnectionClosed
  return new PublishFailure(isPermanent ? 'rejected' : 'not-stored', messageOf(error), error)
}
