/**
 * How a stream of ours is made: the one place that decides on how many servers of a cluster it lies.
 */
import { type JetStreamManager, NatsError, type RetentionPolicy, type StreamConfig, type StreamInfo } from 'nats'
import { messageOf, StartFailure } from '../errors.ts'

/** One may then be lost, for a while or for good, without anything that was acknowledged. */
const REPLICAS = 3
/** The broker's own numbers for its answers. */
const NOT_A_CLUSTER = 10_074
const NO_ROOM_IN_CLUSTER = new Set([10_005, 10_023])
const SUBJECTS_OVERLAP = 10_065

/** A stream's configuration but for its replicas. */
type StreamWish = Partial<Omit<StreamConfig, 'num_replicas'>> & { readonly name: string; readonly subjects: string[] }

/**
 * Makes a stream on three servers of a cluster, or on the only one where there is no cluster. A stream that is there already with the same configuration is given back.
 * Rejects while a cluster has no three servers for it: fewer would stay fewer, so it is better tried again than made smaller. Rejects with a StartFailure when other streams
 * capture its subjects.
 */
export async function addStream(jsm: JetStreamManager, config: StreamWish): Promise<StreamInfo> {
  const { name, subjects } = config
  try {
    return await addWithReplicas(jsm, config)
  } catch (error) {
    const code = codeOf(error)
    if (code === SUBJECTS_OVERLAP)
      throw new StartFailure(
        `The stream ${name} cannot be made: ${(await capturing(jsm, subjects)).join(', ')} captures subjects of it (${subjects.join(', ')}).`,
        { cause: error },
      )
    if (code !== undefined && NO_ROOM_IN_CLUSTER.has(code))
      throw new Error(
        `The cluster has no ${REPLICAS} servers with room for the stream ${name} (${messageOf(error)}). ` +
          'Where fewer shall do, make the stream beforehand.',
        { cause: error },
      )
    throw error
  }
}

async function addWithReplicas(jsm: JetStreamManager, config: StreamWish): Promise<StreamInfo> {
  try {
    return await jsm.streams.add({ ...config, num_replicas: REPLICAS })
  } catch (error) {
    if (codeOf(error) === NOT_A_CLUSTER) return jsm.streams.add({ ...config, num_replicas: 1 })
    throw error
  }
}

/** Throws a StartFailure when a stream of ours that is there has another retention: it would let go of messages that are still wanted, or keep them for ever. */
export function requireRetention({ config }: StreamInfo, wanted: RetentionPolicy): void {
  if (config.retention === wanted) return
  throw new StartFailure(
    `The stream ${config.name} has the retention ${config.retention}, and ${wanted} is needed. Make it anew with that one, or delete it if it is empty: then it is made.`,
  )
}

async function capturing(jsm: JetStreamManager, subjects: readonly string[]): Promise<string[]> {
  const names = new Set<string>()
  for (const subject of subjects) for (const name of await jsm.streams.names(subject).next()) names.add(name)
  return [...names]
}

function codeOf(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined
}
