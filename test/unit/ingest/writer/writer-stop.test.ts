import { describe, expect, test } from 'bun:test'
import { unavailable } from '../../../support/ingest/ingest-ports.ts'
import { eventOf, writerFixture as fixture } from '../../../support/ingest/writer-fixture.ts'

const NEVER = new AbortController().signal

describe('stopping', () => {
  test('writes what is due first, without waiting for the pace', async () => {
    const { store, write, writer, settledIndexes } = fixture()
    await write(eventOf(1))
    await write(eventOf(2))
    await writer.stop(NEVER)
    expect(store.inserts).toHaveLength(2)
    expect(settledIndexes).toEqual([1, 2])
  })

  test('gives up at the deadline without settling, while the store is down', async () => {
    const { store, clock, write, writer, settledIndexes } = fixture()
    store.before = () => {
      throw unavailable()
    }
    await write(eventOf(1))
    const deadline = new AbortController()
    const stopped = writer.stop(deadline.signal)
    await clock.advance(60_000)
    deadline.abort()
    await stopped
    expect(settledIndexes).toEqual([])
  })

  /** Stopping used to wait for the store's answer however long that took, far beyond the deadline. */
  test('gives up at the deadline also when the store never answers', async () => {
    const { store, write, writer, settledIndexes } = fixture()
    store.before = (call) => (call === 'insert' ? new Promise(() => {}) : undefined)
    await write(eventOf(1))
    const deadline = new AbortController()
    const stopped = writer.stop(deadline.signal)
    deadline.abort()
    await stopped
    expect(settledIndexes).toEqual([])
  })
})
