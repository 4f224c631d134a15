/**
 * How a stream of ours is made: the one place that decides on how many servers of a cluster it lies.
 */
import { type JetStreamManager, NatsError, type StreamConfig, type StreamInfo } from 'nats'
import { StartFailure } from '../errors.ts'

/** One may then be lost, for a while or for good, without anything that was acknowledged. */
const REPLICAS = 3
/** The broker's own numbers for its answers. */
const NOT_A_CLUSTER = 10_074
const NO_ROOM_IN_CLUSTER = new Set([10_005, 10_023])

/** A stream's configuration but for its replicas. */
type StreamWish = Partial<Omit<StreamConfig, 'num_replicas'>> & { readonly name: string }

/**
 * Makes a stream on three servers of a cluster, or on the only one where there is no cluster. A stream that is there already with the same configuration is given back.
 * Rejects with a StartFailure while a cluster has no three servers for it: fewer would stay fewer, so it is better tried again than made smaller.
 */
export async function addStream(jsm: JetStreamManager, config: StreamWish): Promise<StreamInfo> {
  try {
    return await jsm.streams.add({ ...config, num_replicas: REPLICAS })
  } catch (error) {
    const code = error instanceof NatsError ? error.api_error?.err_code : undefined
    if (code === NOT_A_CLUSTER) return jsm.streams.add({ ...config, num_replicas: 1 })
    if (code !== undefined && NO_ROOM_IN_CLUSTER.has(code))
      throw new StartFailure(
        `The cluster has no ${REPLICAS} servers with room for the stream ${config.name} (${(error as NatsError).message}). ` +
          'Where fewer shall do, make the stream beforehand.',
      )
    throw error
  }
}
