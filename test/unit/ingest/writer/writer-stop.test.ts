import { describe, expect, test } from 'bun:test'
import { unavailable } from '../../../support/ingest/ingest-ports.ts'
import { eventOf, writerFixture as fixture } from '../../../support/ingest/writer-fixture.ts'

const NEVER = new AbortController().signal

describe('stopping', () => {
  test('writes due events first, without the minimum interval', async () => {
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

  /** A stop must not wait for the response of the store beyond the deadline. */
  test('gives up at the deadline even when the store never responds', async () => {
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
