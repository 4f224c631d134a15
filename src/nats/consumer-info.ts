import type { ConsumerInfo, JetStreamManager } from 'nats'
import { StartFailure } from '../base/errors.ts'
import { undefinedIfNotFound } from './stream-info.ts'

/** The consumer, or undefined when it does not exist. */
export function consumerInfo(
  jsm: JetStreamManager,
  stream: string,
  durable: string,
): Promise<ConsumerInfo | undefined> {
  return undefinedIfNotFound(jsm.consumers.info(stream, durable))
}

/** Deletes a consumer if it exists. */
export async function deleteConsumer(jsm: JetStreamManager, stream: string, name: string): Promise<void> {
  await undefinedIfNotFound(jsm.consumers.delete(stream, name))
}

/** Throws a StartFailure for a push consumer, which cannot be pulled from. */
export function refusePushConsumer({ config, name, stream_name }: ConsumerInfo): void {
  if (config.deliver_subject !== undefined)
    throw new StartFailure(
      `The consumer ${name} of the stream ${stream_name} is a push consumer: choose another name with NATS_CONSUMER.`,
    )
}

/** Whether the consumer delivers messages of certain subjects only. */
export function isFiltered({ config }: ConsumerInfo): boolean {
  return config.filter_subject !== undefined || config.filter_subjects !== undefined
}
