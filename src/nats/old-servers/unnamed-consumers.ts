/**
 * Workaround for NATS clusters of nats-server 2.9: the list of consumers contains a consumer without a leader with an empty name and without its position, as if nothing were pending
 * for it. Without this check, the event stream could be trimmed past messages that this consumer has not delivered. The first version that lists such consumers completely, or
 * leaves them out, is not known.
 */
import type { ConsumerInfo } from 'nats'

/** The name of a consumer whose position is unknown, possibly empty; undefined when every position is known. */
export function findConsumerWithoutLeader(consumers: readonly ConsumerInfo[]): string | undefined {
  const unnamed = consumers.find(({ name }) => name === '')
  return unnamed && (unnamed.config.durable_name ?? '')
}
