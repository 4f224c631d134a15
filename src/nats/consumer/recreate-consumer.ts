/**
 * Recreates a durable consumer under its name. A stream with `retention: interest` keeps a message only while a consumer needs it, so a second consumer, the guard, has to need
 * the same messages between the deletion of the consumer and its creation.
 */
import {
  type ConsumerConfig,
  type ConsumerInfo,
  ErrorCode,
  type JetStreamManager,
  NatsError,
  RetentionPolicy,
  type StreamInfo,
} from 'nats'
import { consumerInfo, deleteConsumer } from '../consumer-info.ts'

/** The broker's error code when `max_consumers` of the stream is reached. */
const TOO_MANY_CONSUMERS = 10_026

/** The name of the guard, which replaces `durable` while that one is recreated. No process pulls from it. */
export function guardConsumerName(durable: string): string {
  return `${durable}-guard`
}

/** Whether the stream keeps messages only for existing consumers. */
export function hasInterestRetention({ config }: StreamInfo): boolean {
  return config.retention === RetentionPolicy.Interest
}

/** The guard that is left when the process stopped after deleting a consumer and before creating it: it has the configuration and start of that consumer. */
export function findGuard(jsm: JetStreamManager, stream: string, durable: string): Promise<ConsumerInfo | undefined> {
  return consumerInfo(jsm, stream, guardConsumerName(durable))
}

/** Deletes the guard of an existing consumer, if there is one: it would keep every message without end. */
export function deleteGuard(jsm: JetStreamManager, stream: string, durable: string): Promise<void> {
  return deleteConsumer(jsm, stream, guardConsumerName(durable))
}

/**
 * Deletes the consumer, if it exists, and creates it. With `isGuarded` a guard replaces it meanwhile, so that an interest stream drops no message and the configuration survives
 * a kill of the process in between. May be repeated after a failure, also by another process. A NATS cluster does not respond to the deletion of a consumer without a leader, so a
 * timeout of the deletion is ignored: if the consumer still exists and keeps its position, the sequence numbers of its deliveries show it.
 */
export async function recreateConsumer(
  jsm: JetStreamManager,
  stream: string,
  config: Partial<ConsumerConfig>,
  { isGuarded }: { readonly isGuarded: boolean },
): Promise<ConsumerInfo> {
  const durable = config.durable_name!
  if (isGuarded && (await mayExist(jsm, stream, durable))) await ensureGuard(jsm, stream, config)
  try {
    await deleteConsumer(jsm, stream, durable)
  } catch (error) {
    if (!(error instanceof NatsError) || error.code !== ErrorCode.Timeout) throw error
  }
  const created = await jsm.consumers.add(stream, config)
  if (isGuarded) await deleteGuard(jsm, stream, durable)
  return created
}

/** A consumer that does not respond, as it has no leader, may exist. */
async function mayExist(jsm: JetStreamManager, stream: string, durable: string): Promise<boolean> {
  return consumerInfo(jsm, stream, durable).then(
    (info) => info !== undefined,
    () => true,
  )
}

/** An existing guard starts no later than a new one would, as the settled sequence only grows. */
async function ensureGuard(jsm: JetStreamManager, stream: string, config: Partial<ConsumerConfig>): Promise<void> {
  const { durable_name: durable = '', name: _, ...rest } = config
  if (await findGuard(jsm, stream, durable)) return
  try {
    await jsm.consumers.add(stream, { ...rest, durable_name: guardConsumerName(durable) })
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.err_code !== TOO_MANY_CONSUMERS) throw error
    throw new Error(
      `The stream ${stream} accepts no more consumers. Recreating ${durable} needs a second consumer for a short time: raise max_consumers by one.`,
      { cause: error },
    )
  }
}
