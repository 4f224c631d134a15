/**
 * How a stream of ours is made: the one place that decides on how many servers of a cluster it lies, and how large it may be where the broker has little room.
 */
import { type JetStreamManager, NatsError, RetentionPolicy, type StreamConfig, type StreamInfo } from 'nats'
import { messageOf, StartFailure } from '../base/errors.ts'
import { streamInfo } from './stream-info.ts'

/** The description of a stream whose limits the service keeps. Without it, a stream belongs to somebody else and is left as it is. */
export const MANAGED_DESCRIPTION = 'Limits kept by outreach-analytics'

/** One may then be lost, for a while or for good, without anything that was acknowledged. */
const REPLICAS = 3
/** The broker's own numbers for its answers. */
const NOT_CLUSTERED = 10_074
const INSUFFICIENT_CLUSTER_RESOURCES = new Set([10_005, 10_023])
const SUBJECTS_OVERLAP = 10_065
const INSUFFICIENT_STORAGE = new Set([10_002, 10_047, ...INSUFFICIENT_CLUSTER_RESOURCES])
/** Below it a stream could not hold two of the largest messages that the local server takes. */
const MIN_STREAM_BYTES = 16 * 1_048_576

/** A stream's configuration but for what is decided here. */
export type StreamSpec = Partial<Omit<StreamConfig, 'num_replicas' | 'description'>> & {
  readonly name: string
  readonly subjects: string[]
}

/**
 * The stream as it is there, else a new one. Rejects with a StartFailure when the one that is there has another retention: it would let go of messages that are still
 * wanted, or keep them for ever.
 */
export async function ensureStream(jsm: JetStreamManager, spec: StreamSpec): Promise<StreamInfo> {
  const found = await streamInfo(jsm, spec.name)
  if (!found) return addStream(jsm, spec)
  const { retention } = found.config
  const { retention: wanted = RetentionPolicy.Limits } = spec
  if (retention !== wanted)
    throw new StartFailure(
      `The stream ${spec.name} has the retention ${retention}, and ${wanted} is needed. Make it anew with that one, or delete it if it is empty: then it is made.`,
    )
  return found
}

/**
 * Makes a stream on three servers of a cluster, or on the only one where there is no cluster. A stream that is there already with the same configuration is given back.
 * A stream reserves its `max_bytes` at the broker. Where there is no room for them it gets a quarter of what there is room for, so that those made next fit too.
 * Rejects while a cluster has no three servers for it: fewer would stay fewer, so it is better tried again than made smaller. Rejects with a StartFailure when other streams
 * capture its subjects.
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
        `The stream ${name} cannot be made: ${(await capturingStreams(jsm, subjects)).join(', ')} captures subjects of it (${subjects.join(', ')}).`,
        { cause: error },
      )
    if (code !== undefined && INSUFFICIENT_CLUSTER_RESOURCES.has(code))
      throw new Error(
        `The cluster has no ${REPLICAS} servers with room for the stream ${name} (${messageOf(error)}). ` +
          'Where fewer shall do, make the stream beforehand.',
        { cause: error },
      )
    if (code !== undefined && INSUFFICIENT_STORAGE.has(code))
      throw new Error(
        `The broker has no room for the stream ${name} (${messageOf(error)}): raise its max_file_store, or lower the limits of other streams.`,
        { cause: error },
      )
    throw error
  }
}

/**
 * Tries `attempt` with so many bytes and, while the broker has no room for them, with half as many. Rejects as the last try did when `atLeast` is refused too.
 */
export async function retryWithSmallerSize<Result>(
  wanted: number,
  atLeast: number,
  attempt: (maxBytes: number) => Promise<Result>,
): Promise<{ readonly result: Result; readonly maxBytes: number }> {
  for (let maxBytes = wanted; ; maxBytes = Math.floor(maxBytes / 2)) {
    try {
      return { result: await attempt(maxBytes), maxBytes }
    } catch (error) {
      if (!INSUFFICIENT_STORAGE.has(codeOf(error) ?? 0) || maxBytes / 2 < atLeast) throw error
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
