import { type JetStreamManager, NatsError, type StreamInfo } from 'nats'

/** The stream as it stands on the broker, or undefined. */
export async function streamInfo(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await jsm.streams.info(name)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The sequence of the stream's last message with a subject, wildcards allowed; 0 = there is none. */
export async function lastSequence(jsm: JetStreamManager, stream: string, subject: string): Promise<number> {
  try {
    return (await jsm.streams.getMessage(stream, { last_by_subj: subject })).seq
  } catch (error) {
    if (isNotFound(error)) return 0
    throw error
  }
}

/** Whether the broker said that a stream, a consumer or a message does not exist. */
export function isNotFound(error: unknown): boolean {
  return (
    error instanceof NatsError && (error.api_error?.code === 404 || /not found|no message found/.test(error.message))
  )
}
