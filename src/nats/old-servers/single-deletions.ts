/**
 * Workaround for nats-server 2.9: while other clients publish, a purge of one subject can remove messages of other subjects (observed with 2.9.10). So settled messages are
 * deleted one by one. Without it, deferred events of other tenants are lost. The cause is probably the fault in `moved-floor.ts`, which would make 2.10.11 the first safe version;
 * before replacing this by a purge, run the tests of deferred events with it on the oldest supported server.
 */
import type { JetStreamManager } from 'nats'
import { deleteMessage } from '../stream-info.ts'

const CONCURRENT_DELETIONS = 100

/** Deletes the messages with these sequences and removes each deleted sequence from the array, so that a call after a failure continues. */
export async function deleteOneByOne(jsm: JetStreamManager, stream: string, sequences: number[]): Promise<void> {
  while (sequences.length > 0) {
    const some = sequences.slice(0, CONCURRENT_DELETIONS)
    await Promise.all(some.map((sequence) => deleteMessage(jsm, stream, sequence)))
    sequences.splice(0, some.length)
  }
}
