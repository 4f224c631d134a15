/**
 * Creates the streams of the service. This file alone decides on the number of replicas, and on the size where the broker has little storage.
 */
import { type JetStreamManager, NatsError, RetentionPolicy, type StreamConfig, type StreamInfo } from 'nats'
import { messageOf, StartFailure } from '../base/errors.ts'
import { streamInfo } from './stream-info.ts'

/** The description of a stream whose limits the service manages. A stream without it belongs to its operator and is not changed. */
export const MANAGED_DESCRIPTION = 'Limits managed by outreach-analytics'

/** Acknowledged messages survive the loss of one server. */
const REPLICAS = 3
/** Error codes of the broker. */
const NOT_CLUSTERED = 10_074
const INSUFFICIENT_CLUSTER_RESOURCES = new Set([10_005, 10_023])
const SUBJECTS_OVERLAP = 10_065
const INSUFFICIENT_STORAGE = new Set([10_002, 10_047, ...INSUFFICIENT_CLUSTER_RESOURCES])
/** A smaller stream could not hold two of the largest messages that the local server accepts. */
const MIN_STREAM_BYTES = 16 * 1_048_576

/** The configuration of a stream without the fields that this file sets. */
export type StreamSpec = Partial<Omit<StreamConfig, 'num_replicas' | 'description'>> & {
  readonly name: string
  readonly subjects: string[]
}

/**
 * The existing stream, unchanged, or a new one. Rejects with a StartFailure when the existing stream has another retention: it would drop messages that are still needed, or
 * keep them without end.
 */
export async function ensureStream(jsm: JetStreamManager, spec: StreamSpec): Promise<StreamInfo> {
  const found = await streamInfo(jsm, spec.name)
  if (!found) return addStream(jsm, spec)
  const { retention } = found.config
  const { retention: wanted = RetentionPolicy.Limits } = spec
  if (retention !== wanted)
    throw new StartFailure(
      `The stream ${spec.name} has the retention ${retention}, and the service needs ${wanted}. Recreate it with that retention, or delete it if it is empty: the service then creates it.`,
    )
  return found
}

/**
 * Creates a stream with three replicas in a NATS cluster, or one replica on a single server. An existing stream with the same configuration is returned.
 * A stream reserves its `max_bytes` at the broker. When the storage is too small for it, the stream gets a quarter of the largest size that fits, so that the streams created
 * next fit too.
 * Rejects while a NATS cluster does not have three servers available: the number of replicas would not grow later, so the caller should retry. Rejects with a StartFailure when other
 * streams capture its subjects.
 */
export async function addStream(jsm: JetStreamManager, config: StreamSpec): Promise<StreamInfo> {
  const { name, subjects, max_bytes: wanted = -1 } = config
  try {
    const { result, maxBytes } = await retryWithSmallerSize(wanted, MIN_STREAM_BYTES, (bytes) =>
      addReplicated(jsm, { ...config, max_bytes: bytes, description: MANAGED_DESCRIPTION }),
    )
    if (maxBytes === wanted) return result
    return await jsm.streams.update(name, { max_bytes: Math.max(MIN_STREAM_BYTES, Math.floor(maxBytes / 4)) })
  } catch (error) {
    const code = codeOf(error)
    if (code === SUBJECTS_OVERLAP)
      throw new StartFailure(
        `The stream ${name} cannot be created: ${(await capturingStreams(jsm, subjects)).join(', ')} captures its subjects (${subjects.join(', ')}).`,
        { cause: error },
      )
    if (code !== undefined && INSUFFICIENT_CLUSTER_RESOURCES.has(code))
      throw new Error(
        `The NATS cluster does not have ${REPLICAS} servers with enough storage for the stream ${name} (${messageOf(error)}). ` +
          'To use fewer replicas, create the stream before the service starts.',
        { cause: error },
      )
    if (code !== undefined && INSUFFICIENT_STORAGE.has(code))
      throw new Error(
        `The broker does not have enough storage for the stream ${name} (${messageOf(error)}): raise its max_file_store, or lower the limits of other streams.`,
        { cause: error },
      )
    throw error
  }
}

/**
 * Calls `attempt` with `wanted` bytes and, while the broker does not have enough storage, with half as many, but at least `minBytes`. Rejects with the error of the last attempt.
 */
export async function retryWithSmallerSize<Result>(
  wanted: number,
  minBytes: number,
  attempt: (maxBytes: number) => Promise<Result>,
): Promise<{ readonly result: Result; readonly maxBytes: number }> {
  for (let maxBytes = wanted; ; maxBytes = Math.floor(maxBytes / 2)) {
    try {
      return { result: await attempt(maxBytes), maxBytes }
    } catch (error) {
      if (!INSUFFICIENT_STORAGE.has(codeOf(error) ?? 0) || maxBytes / 2 < minBytes) throw error
    }
  }
}

async function addReplicated(
  jsm: JetStreamManager,
  config: StreamSpec & { readonly description: string },
): Promise<StreamInfo> {
  try {
    return await jsm.streams.add({ ...config, num_replicas: REPLICAS })
  } catch (error) {
    if (codeOf(error) === NOT_CLUSTERED) return jsm.streams.add({ ...config, num_replicas: 1 })
    throw error
  }
}

async function capturingStreams(jsm: JetStreamManager, subjects: readonly string[]): Promise<string[]> {
  const names = new Set<string>()
  for (const subject of subjects) for (const name of await jsm.streams.names(subject).next()) names.add(name)
  return [...names]
}

function codeOf(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined
}
