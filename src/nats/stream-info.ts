import { type JetStreamManager, NatsError, type StoredMsg, type StreamInfo } from 'nats'

/** The stream, or undefined when it does not exist. */
export function streamInfo(jsm: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  return undefinedIfNotFound(jsm.streams.info(name))
}

/** The message with this sequence, or undefined when it was deleted or never existed. */
export function readMessage(jsm: JetStreamManager, stream: string, sequence: number): Promise<StoredMsg | undefined> {
  return undefinedIfNotFound(jsm.streams.getMessage(stream, { seq: sequence }))
}

/** The sequence of the last message with this subject, wildcards allowed; 0 = no message. */
export async function lastSequence(jsm: JetStreamManager, stream: string, subject: string): Promise<number> {
  const message = await undefinedIfNotFound(jsm.streams.getMessage(stream, { last_by_subj: subject }))
  return message?.seq ?? 0
}

/** The lowest sequence of a message from `from` on; undefined = no message. */
export async function nextSequence(jsm: JetStreamManager, stream: string, from: number): Promise<number | undefined> {
  // The broker accepts this query here as it does for direct reads; the client's type has it for the latter only.
  const query = { seq: from, next_by_subj: '>' }
  return (await undefinedIfNotFound(jsm.streams.getMessage(stream, query)))?.seq
}

/** Deletes a message if it exists. The bytes are not overwritten. */
export async function deleteMessage(jsm: JetStreamManager, stream: string, sequence: number): Promise<void> {
  await undefinedIfNotFound(jsm.streams.deleteMessage(stream, sequence, false))
}

/** The result of a request, or undefined when the broker responds that the stream, consumer or message does not exist. */
export async function undefinedIfNotFound<Result>(response: Promise<Result>): Promise<Result | undefined> {
  try {
    return await response
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

function isNotFound(error: unknown): boolean {
  return (
    error instanceof NatsError && (error.api_error?.code === 404 || /not found|no message found/.test(error.message))
  )
}
