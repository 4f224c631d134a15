import { DiscardPolicy, type JetStreamManager, type KV, type NatsConnection, NatsError, StorageType } from 'nats'
import { parseBoard } from '../sharing/board.ts'
import type { BoardStore } from '../sharing/ports.ts'
import { addStream, type StreamWish } from './add-stream.ts'
import { streamInfo } from './topology.ts'

const BUCKET = 'analytics-sharing'
const TIMEOUT_MS = 2_000
/** An environment's board takes some kilobytes, and only its last state is kept. */
const MAX_BYTES = 64 * 1_048_576
/** The broker's code for a write that expected another revision. */
const WRONG_LAST_SEQUENCE = 10071

export const BUCKET_WISH: StreamWish = {
  name: `KV_${BUCKET}`,
  subjects: [`$KV.${BUCKET}.>`],
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_bytes: MAX_BYTES,
  max_msgs_per_subject: 1,
  allow_rollup_hdrs: true,
  deny_delete: true,
  allow_direct: false,
}

/** Keeps the board of an environment, which is known by its consumer's name, in a key-value bucket of JetStream. */
export function createBoardStore(connection: NatsConnection, durable: string): BoardStore {
  const open = async () => {
    await ensureBucket(await connection.jetstreamManager({ checkAPI: false }))
    return connection.jetstream().views.kv(BUCKET, { bindOnly: true, timeout: TIMEOUT_MS })
  }
  let bucket: Promise<KV> | undefined
  const withBucket = async <Result>(task: (kv: KV) => Promise<Result>): Promise<Result> => {
    try {
      return await task(await (bucket ??= open()))
    } catch (error) {
      // It may have been deleted: the next call makes it anew.
      bucket = undefined
      throw error
    }
  }
  return {
    read: () =>
      withBucket(async (kv) => {
        const entry = await kv.get(durable)
        if (entry?.operation !== 'PUT') return undefined
        const board = parseBoard(entry.string())
        if (!board) throw new Error(`The entry ${durable} of the bucket ${BUCKET} is no board of this version.`)
        return { board, revision: entry.revision }
      }),
    async write(board, revision) {
      const value = JSON.stringify(board)
      try {
        return await withBucket((kv) =>
          revision === 0 ? kv.create(durable, value) : kv.update(durable, value, revision),
        )
      } catch (error) {
        if (error instanceof NatsError && error.api_error?.err_code === WRONG_LAST_SEQUENCE) return undefined
        throw error
      }
    },
  }
}

/** As the client would make it, but on as many servers as our other streams. Without direct reads: those may be answered by a server that has not heard of the last write. */
async function ensureBucket(jsm: JetStreamManager): Promise<void> {
  if (!(await streamInfo(jsm, BUCKET_WISH.name))) await addStream(jsm, BUCKET_WISH)
}
