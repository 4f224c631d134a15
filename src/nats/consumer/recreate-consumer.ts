/**
 * Making a durable consumer anew under its name. A stream with `retention: interest` keeps a message only while some consumer wants it, so that between the end of the old
 * consumer and the making of the new one a third has to want what ours wants.
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
import { consumerInfo } from '../topology.ts'
import { isNotFound } from '../stream-info.ts'

/** The broker's code for a consumer too many. */
const TOO_MANY_CONSUMERS = 10_026

/** The consumer that stands for `durable` while that one is made anew. Nobody asks it for messages. */
export function guardConsumer(durable: string): string {
  return `${durable}-guard`
}

/** Whether messages are kept only for consumers that are there. */
export function hasInterestRetention({ config }: StreamInfo): boolean {
  return config.retention === RetentionPolicy.Interest
}

/** What is left when a consumer was deleted that was not made anew any more: its guard, which has its configuration and begins where it would. */
export function findGuard(jsm: JetStreamManager, stream: string, durable: string): Promise<ConsumerInfo | undefined> {
  return consumerInfo(jsm, stream, guardConsumer(durable))
}

/** Ends the guard of a consumer that stands there, if there is one: it would keep every message for ever. */
export function deleteGuard(jsm: JetStreamManager, stream: string, durable: string): Promise<void> {
  return deleteConsumer(jsm, stream, guardConsumer(durable))
}

/**
 * Deletes the consumer, if it is there, and makes it. With `isGuarded` a guard stands for it meanwhile, so that an interest stream lets go of nothing, and a process that is
 * killed in between leaves behind what was asked for. May be repeated after a failure, also by another process. A consumer of a cluster that has no leader is deleted without
 * an answer, and so none is waited for: should it be there still and keep its place, the numbers of its deliveries tell.
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
  const made = await jsm.consumers.add(stream, config)
  if (isGuarded) await deleteGuard(jsm, stream, durable)
  return made
}

/** Deletes a consumer, if it is there. */
export async function deleteConsumer(jsm: JetStreamManager, stream: string, name: string): Promise<void> {
  try {
    await jsm.consumers.delete(stream, name)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** One that does not answer, as it has no leader, may be there. */
async function mayExist(jsm: JetStreamManager, stream: string, durable: string): Promise<boolean> {
  return consumerInfo(jsm, stream, durable).then(
    (info) => info !== undefined,
    () => true,
  )
}

/** One that is there already began no later than this one would: what is settled only grows. */
async function ensureGuard(jsm: JetStreamManager, stream: string, config: Partial<ConsumerConfig>): Promise<void> {
  const { durable_name: durable = '', name: _, ...rest } = config
  if (await findGuard(jsm, stream, durable)) return
  try {
    await jsm.consumers.add(stream, { ...rest, durable_name: guardConsumer(durable) })
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.err_code !== TOO_MANY_CONSUMERS) throw error
    throw new Error(
      `The stream ${stream} takes no more consumers. While ${durable} is made anew a second one has to stand for it: raise max_consumers by one.`,
      { cause: error },
    )
  }
}
