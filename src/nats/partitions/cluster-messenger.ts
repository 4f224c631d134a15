import { ErrorCode, type NatsConnection, NatsError } from 'nats'
import type { ClusterMessenger } from '../../cluster/ports.ts'
import { CLUSTER_SUBJECT_PREFIX } from '../names.ts'

/** Prefix of the client's reply subjects. Replies to any other subject are not sent, as it could be a command to the broker. */
const INBOX = '_INBOX.'
const REQUEST_TIMEOUT_MS = 1_000

/** Core NATS messages between the members of a cluster. The name of the service's consumer, `durable`, identifies the cluster. */
export function createClusterMessenger(connection: NatsConnection, durable: string): ClusterMessenger {
  const subjectOf = (topic: string) => `${CLUSTER_SUBJECT_PREFIX}${durable}.${topic}`
  return {
    publish(topic, text) {
      if (!connection.isClosed()) connection.publish(subjectOf(topic), text)
    },
    subscribe(topic, onMessage) {
      const subscription = connection.subscribe(subjectOf(topic), {
        callback(error, message) {
          const reply = (text: string) => {
            if (message.reply?.startsWith(INBOX)) message.respond(new TextEncoder().encode(text))
          }
          if (!error) onMessage(message.string(), reply)
        },
      })
      return () => subscription.unsubscribe()
    },
    async request(topic, text) {
      try {
        const response = await connection.request(subjectOf(topic), text, { timeout: REQUEST_TIMEOUT_MS })
        return { text: response.string() }
      } catch (error) {
        return error instanceof NatsError && error.code === ErrorCode.NoResponders ? 'no-responder' : undefined
      }
    },
  }
}
