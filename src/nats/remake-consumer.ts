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
import { consumerInfo } from './topology.ts'
import { isNotFound } from './stream-info.ts'

/** The broker's code for a consumer too many. */
const TOO_MANY_CONSUMERS = 10_026

/** The consumer that holds the messages of an interest stream while `durable` is made anew. Nobody asks it for messages. */
export function guardConsumer(durable: string): string {
  return `${durable}-guard`
}

/**
 * Deletes the consumer, if it is there, and makes it, without a moment in which an interest stream lets go of what it has to deliver. May be repeated after a failure, also by
 * another process. One of a cluster that has no leader is deleted without an answer, and so none is waited for: should it be there still and keep its place, the numbers of
 * its deliveries tell.
 */
export async function remakeConsumer(
  jsm: JetStreamManager,
  stream: StreamInfo,
  config: Partial<ConsumerConfig>,
): Promise<ConsumerInfo> {
  const { name } = stream.config
  const durable = config.durable_name!
  if (isInterest(stream) && (await mayBeThere(jsm, name, durable))) await ensureGuard(jsm, name, config)
  try {
    await jsm.consumers.delete(name, durable)
  } catch (error) {
    if (!isNotFound(error) && !(error instanceof NatsError && error.code === ErrorCode.Timeout)) throw error
  }
  const made = await jsm.consumers.add(name, config)
  await dropGuard(jsm, stream, durable)
  return made
}

/** Ends the guard of a consumer that stands there: one that was left over by a crash would keep every message for ever. */
export async function dropGuard(jsm: JetStreamManager, stream: StreamInfo, durable: string): Promise<void> {
  if (!isInterest(stream)) return
  try {
    await jsm.consumers.delete(stream.config.name, guardConsumer(durable))
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

/** What was settled when a consumer was deleted that was not made anew any more, as its guard tells; undefined without one. */
export async function guardedFloor(
  jsm: JetStreamManager,
  stream: StreamInfo,
  durable: string,
): Promise<number | undefined> {
  const guard = isInterest(stream) ? await consumerInfo(jsm, stream.config.name, guardConsumer(durable)) : undefined
  return guard && (guard.config.opt_start_seq ?? 1) - 1
}

/** One that does not answer, as it has no leader, may be there. */
async function mayBeThere(jsm: JetStreamManager, stream: string, durable: string): Promise<boolean> {
  return consumerInfo(jsm, stream, durable).then(
    (info) => info !== undefined,
    () => true,
  )
}

/** One that is there already began no later than this one would: what is settled only grows. */
async function ensureGuard(jsm: JetStreamManager, stream: string, config: Partial<ConsumerConfig>): Promise<void> {
  const name = guardConsumer(config.durable_name!)
  if (await consumerInfo(jsm, stream, name)) return
  try {
    await jsm.consumers.add(stream, { ...config, durable_name: name })
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.err_code !== TOO_MANY_CONSUMERS) throw error
    throw new Error(
      `The stream ${stream} takes no more consumers, and its retention is interest: while ${config.durable_name} is made anew a second one has to keep its messages. Raise max_consumers by one.`,
      { cause: error },
    )
  }
}

function isInterest({ config }: StreamInfo): boolean {
  return config.retention === RetentionPolicy.Interest
}
