import { ErrorCode, type NatsConnection, NatsError } from 'nats'
import type { ClusterMessenger } from '../../cluster/ports.ts'

const SUBJECT = 'analytics.sharing'
/** Where the client takes answers. A request may name any other subject for its answer, which could be a command to the broker. */
const INBOX = '_INBOX.'
const REQUEST_TIMEOUT_MS = 1_000

/** Plain messages of the broker, among the members of one environment, which is known by its consumer's name. */
export function createClusterMessenger(connection: NatsConnection, durable: string): ClusterMessenger {
  const subjectOf = (topic: string) => `${SUBJECT}.${durable}.${topic}`
  return {
    publish(topic, text) {
      if (!connection.isClosed()) connection.publish(subjectOf(topic), text)
    },
    subscribe(topic, onMessage) {
      const subscription = connection.subscribe(subjectOf(topic), {
        callback(error, message) {
          const answer = (text: string) => {
            if (message.reply?.startsWith(INBOX)) message.respond(new TextEncoder().encode(text))
          }
          if (!error) onMessage(message.string(), answer)
        },
      })
      return () => subscription.unsubscribe()
    },
    async request(topic, text) {
      try {
        const answer = await connection.request(subjectOf(topic), text, { timeout: REQUEST_TIMEOUT_MS })
        return { text: answer.string() }
      } catch (error) {
        return error instanceof NatsError && error.code === ErrorCode.NoResponders ? 'nobody' : undefined
      }
    },
  }
}
