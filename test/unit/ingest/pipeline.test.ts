import { describe, expect, test } from 'bun:test'
import { envelope } from '../../support/ingest/event-samples.ts'
import { type StoreCall, unavailable } from '../../support/ingest/ingest-ports.ts'
import { ingestFixture } from '../../support/ingest/ingest-fixture.ts'
import { settled } from '../../support/base/manual-clock.ts'

const event = (eventId: string, messageId = 'm') => envelope({ messageId }, { eventId })

/** Ingestion whose inserts wait until the test releases them. */
async function heldFixture() {
  const fixture = await ingestFixture()
  const { store } = fixture
  const gates: PromiseWithResolvers<void>[] = []
  store.before = (call: StoreCall) => {
    if (call !== 'insert') return undefined
    const gate = Promise.withResolvers<void>()
    gates.push(gate)
    return gate.promise
  }
  const release = async (outcome?: Error) => {
    const gate = gates.shift()!
    if (outcome) gate.reject(outcome)
    else gate.resolve()
    await settled()
  }
  return { ...fixture, gates, release }
}

describe('while a block is inserted', () => {
  test('the next block is looked up, and inserted only after it', async () => {
    const { clock, store, deliver, gates, release } = await heldFixture()
    await deliver(1)
    await clock.advance(500)
    expect(store.calls).toEqual(['find', 'insert'])
    await deliver(2)
    await clock.advance(500)
    expect(store.calls).toEqual(['find', 'insert', 'find'])
    expect(gates).toHaveLength(1)
    await release()
    expect(store.calls).toEqual(['find', 'insert', 'find', 'messages', 'insert'])
    await release()
    expect(store.rows).toHaveLength(2)
  })

  test('an event that is repeated in the next block is stored once, and different contents are a conflict', async () => {
    const { clock, store, source, metrics, deliver, release } = await heldFixture()
    await deliver(1, event('same', 'first'))
    await clock.advance(500)
    await deliver(2, event('same', 'first'))
    await deliver(3, event('same', 'second'))
    await deliver(4, event('other'))
    await clock.advance(500)
    await release()
    await release()
    expect(store.rows.map(({ entity_id }) => entity_id)).toEqual(['first', 'm'])
    expect([metrics.eventsStored.total(), metrics.eventsDuplicate.total(), metrics.eventsConflict.total()]).toEqual([
      2, 2, 1,
    ])
    expect(source.acknowledged.at(-1)).toBe(4)
  })

  test('and fails with an unknown outcome, the next block is looked up again', async () => {
    const { clock, store, source, deliver, release } = await heldFixture()
    await deliver(1, event('same'))
    await clock.advance(500)
    await deliver(2, event('same'))
    await clock.advance(500)
    await release(unavailable())
    expect(source.acknowledged).toEqual([])
    await clock.advance(10_000)
    await release()
    const failed = 'find insert find'
    expect(store.calls.join(' ')).toBe(`${failed} fence find insert messages find compare messages`)
    expect([store.rows.length, source.acknowledged.at(-1)]).toEqual([1, 2])
  })

  test('and its event is rejected, an event with the same id in the next block is stored', async () => {
    const { clock, store, source, letters, deliver, release } = await heldFixture()
    store.refuses = ({ entity_id }) => entity_id === 'bad'
    await deliver(1, event('same', 'bad'))
    await clock.advance(500)
    await deliver(2, event('same', 'good'))
    await clock.advance(500)
    await release()
    await release()
    expect(letters.letters.map(({ delivery }) => delivery.sequence)).toEqual([1])
    expect(store.rows.map(({ entity_id }) => entity_id)).toEqual(['good'])
    expect(source.acknowledged.at(-1)).toBe(2)
  })

  /** The ids of the last block must not count as stored later: the store may have lost them before a replay of the stream. */
  test('its ids count as stored without a lookup; later ones are looked up', async () => {
    const { clock, store, deliver, gates, release } = await heldFixture()
    await deliver(1, event('same'))
    await clock.advance(500)
    await release()
    store.inserts.length = 0
    await deliver(2, event('same'))
    await clock.advance(500)
    expect(gates).toHaveLength(1)
    await release()
    expect(store.rows).toHaveLength(1)
  })

  test('a stop waits for both blocks, and for neither after its deadline', async () => {
    const first = await heldFixture()
    await first.deliver(1)
    await first.clock.advance(500)
    await first.deliver(2)
    await first.clock.advance(500)
    const stopped = first.ingestion.stop(new AbortController().signal)
    await first.release()
    await first.release()
    await first.clock.advance(100)
    await stopped
    expect([first.store.rows.length, first.source.acknowledged.at(-1)]).toEqual([2, 2])

    const second = await heldFixture()
    await second.deliver(1)
    await second.clock.advance(500)
    const deadline = new AbortController()
    const given = second.ingestion.stop(deadline.signal)
    deadline.abort()
    await second.clock.advance(100)
    await given
    expect(second.source.acknowledged).toEqual([])
  })
})

describe('an id that is stored already', () => {
  test('keeps its first contents, in a block and in the store; only different contents are a conflict', async () => {
    const { clock, store, metrics, deliver } = await ingestFixture()
    await deliver(1, event('a', 'first'))
    await deliver(2, event('a', 'second'))
    await deliver(3, event('a', 'first'))
    await clock.advance(500)
    expect([metrics.eventsDuplicate.total(), metrics.eventsConflict.total()]).toEqual([2, 1])
    await deliver(4, event('a', 'first'))
    await deliver(5, event('a', 'third'))
    await clock.advance(500)
    expect([metrics.eventsDuplicate.total(), metrics.eventsConflict.total()]).toEqual([4, 2])
    // The second one is compared with the stored event, not with the first one of its block.
    await deliver(6, event('a', 'third'))
    await deliver(7, event('a', 'first'))
    await clock.advance(500)
    expect([metrics.eventsDuplicate.total(), metrics.eventsConflict.total()]).toEqual([6, 3])
    expect(store.rows.map(({ entity_id }) => entity_id)).toEqual(['first'])
  })

  test('by an earlier attempt with an unknown outcome is neither a duplicate nor a conflict', async () => {
    const { clock, store, metrics, deliver } = await ingestFixture()
    let isFirst = true
    store.after = () => {
      if (!isFirst) return
      isFirst = false
      throw unavailable()
    }
    await deliver(1)
    await clock.advance(30_000)
    expect([metrics.eventsStored.total(), metrics.eventsDuplicate.total(), metrics.eventsConflict.total()]).toEqual([
      1, 0, 0,
    ])
  })
})
