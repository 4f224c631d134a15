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

/** Whether the broker said that a stream, a consumer or a message does not exist. */
export function isNotFound(error: unknown): boolean {
  return (
    error instanceof NatsError && (error.api_error?.code === 404 || /not found|no message found/.test(error.message))
  )
}
