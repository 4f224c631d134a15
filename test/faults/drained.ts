import type { JetStreamManager, NatsConnection } from 'nats'
import { PARTITION_STREAM } from '../../src/nats/names.ts'
import { streamInfo } from '../../src/nats/stream-info.ts'

/** Whether every message of the stream of events is settled, and of those that processes have forwarded. */
export async function isDrained(connection: NatsConnection): Promise<boolean> {
  const jsm = await connection.jetstreamManager()
  const { state } = await jsm.streams.info('EVENTS')
  const { ack_floor, num_ack_pending, num_pending } = await jsm.consumers.info('EVENTS', 'analytics')
  const isTaken =
    num_pending + num_ack_pending === 0 && (state.messages === 0 || ack_floor.stream_seq >= state.last_seq)
  return isTaken && (await arePartitionsDrained(jsm))
}

/** Whether what one process has passed on to another is settled too. */
async function arePartitionsDrained(jsm: JetStreamManager): Promise<boolean> {
  if (!(await streamInfo(jsm, PARTITION_STREAM))) return true
  for await (const { num_ack_pending, num_pending } of jsm.consumers.list(PARTITION_STREAM))
    if (num_pending + num_ack_pending > 0) return false
  return true
}
