import { expect, test } from 'bun:test'
import { deliveryOf, envelope } from '../../support/ingest/event-samples.ts'
import { unavailable } from '../../support/ingest/ingest-ports.ts'
import { MAX_BYTES, ingestFixture } from '../../support/ingest/ingest-fixture.ts'
import { chanceOf } from '../../support/base/random.ts'

test.each([1, 2, 3, 4, 5])(
  'with random failures of store and dead letters, every event is stored once or a dead letter, and acknowledged (seed %d)',
  async (seed) => {
    const chance = chanceOf(seed)
    const { clock, store, letters, source, metrics, handler, deliver } = await ingestFixture()
    let isCalm = false
    const maybeFail = () => {
      if (!isCalm && chance.hits(0.3)) throw unavailable()
    }
    store.before = maybeFail
    store.after = maybeFail
    store.refuses = ({ entity_id }) => entity_id.startsWith('refused')
    letters.before = maybeFail
    const expected = new Set<string>()
    let deadCount = 0
    for (let sequence = 1; sequence <= 600; sequence++) {
      const form = chance.next()
      const tenantId = `t${chance.below(7)}`
      let body: object | string = envelope({ messageId: `m${sequence}` }, { eventId: `e${sequence}`, tenantId })
      let fields = {}
      if (form < 0.05) body = 'no json'
      else if (form < 0.08) body = envelope({ messageId: `refused${sequence}` }, { eventId: `e${sequence}`, tenantId })
      else if (form < 0.11) {
        // The message id is read only when the event has no id.
        body = envelope({ messageId: `m${sequence}` }, { eventId: undefined, tenantId })
        fields = {
          get messageId(): never {
            throw new Error('poison')
          },
        }
      } else if (form < 0.2 && expected.size > 0)
        body = envelope({}, { eventId: chance.pick([...expected]).split('/')[1], tenantId: 't0' })
      else expected.add(`${tenantId}/e${sequence}`)
      if (form < 0.11) deadCount++
      else if (form < 0.2 && typeof body === 'object') expected.add(`t0/${(body as { eventId: string }).eventId}`)
      const delivery = deliveryOf(sequence, body)
      Object.defineProperties(delivery, Object.getOwnPropertyDescriptors(fields))
      handler.deliver(delivery)
      if (chance.hits(0.1)) await deliver(1 + chance.below(sequence))
      if (chance.hits(0.2)) await clock.advance(chance.below(400))
      expect(source.acknowledged.at(-1) ?? 0).toBeLessThanOrEqual(sequence)
    }
    isCalm = true
    await clock.advance(120_000)
    expect(new Set(store.rows.map(({ id }) => id)).size).toBe(store.rows.length)
    expect(store.rows).toHaveLength(expected.size)
    expect(letters.letters).toHaveLength(deadCount)
    expect(source.acknowledged.at(-1)).toBe(600)
    expect(source.acknowledged).toEqual(source.acknowledged.toSorted((a, b) => a - b))
    expect(handler.capacity().bytes).toBe(MAX_BYTES)
    const { eventsStored, eventsDuplicate, eventsDeadLettered: eventsDead } = metrics
    expect(eventsStored.total() + eventsDuplicate.total() + eventsDead.total()).toBe(600)
  },
)
