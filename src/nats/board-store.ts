import { type NatsConnection, NatsError } from 'nats'
import { parseBoard } from '../sharing/board.ts'
import type { BoardStore } from '../sharing/ports.ts'
import { KeyValueBucket } from './key-value-bucket.ts'

/** The name of the bucket. */
export const BOARD_BUCKET = 'analytics-sharing'
/** The broker's code for a write that expected another revision. */
const WRONG_LAST_SEQUENCE = 10071

/** Keeps the board of an environment, which is known by its consumer's name, in a key-value bucket of JetStream. */
export function createBoardStore(connection: NatsConnection, durable: string): BoardStore {
  const bucket = new KeyValueBucket(connection, BOARD_BUCKET)
  return {
    read: () =>
      bucket.use(async (kv) => {
        const entry = await kv.get(durable)
        if (entry?.operation !== 'PUT') return undefined
        const board = parseBoard(entry.string())
        if (!board) throw new Error(`The entry ${durable} of the bucket ${BOARD_BUCKET} is no board of this version.`)
        return { board, revision: entry.revision }
      }),
    async write(board, revision) {
      const value = JSON.stringify(board)
      try {
        return await bucket.use((kv) =>
          revision === 0 ? kv.create(durable, value) : kv.update(durable, value, revision),
        )
      } catch (error) {
        if (error instanceof NatsError && error.api_error?.err_code === WRONG_LAST_SEQUENCE) return undefined
        throw error
      }
    },
  }
}
