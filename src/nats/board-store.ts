import { type KV, type NatsConnection, NatsError, StorageType } from 'nats'
import { parseBoard } from '../sharing/board.ts'
import type { BoardStore } from '../sharing/membership.ts'

const BUCKET = 'analytics-sharing'
/** The broker's code for a write that expected another revision. */
const WRONG_LAST_SEQUENCE = 10071

/** Keeps the board of an environment, which is known by its consumer's name, in a key-value bucket of JetStream. */
export function createBoardStore(connection: NatsConnection, durable: string): BoardStore {
  // Without direct reads: those may be answered by a server that has not heard of this process's own last write.
  const options = { history: 1, storage: StorageType.File, timeout: 2_000, allow_direct: false }
  const open = () => connection.jetstream().views.kv(BUCKET, options)
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
        return board && { board, revision: entry.revision }
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
