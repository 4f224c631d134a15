import { describe, expect, test } from 'bun:test'
import type { Clock } from '../../../../src/base/clock.ts'
import type { SimulatedEvent } from '../../../../src/cli/simulate/simulated-event.ts'
import { Publisher, PublishFailure } from '../../../../src/cli/simulate/publishing/publisher.ts'
import type { Broker } from '../../../../src/cli/simulate/publishing/publisher.ts'
import { publishAll, publishAtRate } from '../../../../src/cli/simulate/publishing/publisher-loop.ts'

/** Time passes only while something waits for it. */
function jumpingClock(): Clock {
  let nowMs = 0
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    after(delayMs, task) {
      let isCancelled = false
      setImmediate(() => {
        if (isCancelled) return
        nowMs += delayMs
        task()
      })
      return () => (isCancelled = true)
    },
  }
}

function* numbered(count: number): Generator<SimulatedEvent, void> {
  for (let number = 0; number < count; number++) {
    const envelope = {
      eventId: `e-${number}`,
      tenantId: 'tenant-1',
      timestamp: '2026-01-27T10:15:30.123Z',
      correlationId: 'c',
      data: {},
    }
    yield { subject: 'contact.updated', envelope }
  }
}

function publisherTo(publish: Broker['publish'], maxInFlight = 10): { publisher: Publisher; clock: Clock } {
  const clock = jumpingClock()
  return { clock, publisher: new Publisher({ broker: { publish }, clock, random: () => 0.5, maxInFlight }) }
}

const never = new AbortController().signal

describe('publishing events', () => {
  test('keeps the number without an acknowledgement bounded and publishes all', async () => {
    let open = 0
    let mostOpen = 0
    const ids: string[] = []
    const { publisher } = publisherTo(async (_subject, messageId) => {
      mostOpen = Math.max(mostOpen, ++open)
      await new Promise((resolve) => setImmediate(resolve))
      open--
      ids.push(messageId)
      return { isDuplicate: false }
    }, 7)
    await publishAll(numbered(100), publisher, never)
    await publisher.drain()
    expect(mostOpen).toBe(7)
    expect(ids.toSorted()).toEqual([...numbered(100)].map(({ envelope }) => `tenant-1:${envelope.eventId}`).toSorted())
    expect(publisher).toMatchObject({ published: 100, failed: 0, retries: 0, inFlight: 0 })
  })

  test('sends the envelope as JSON', async () => {
    const bodies: unknown[] = []
    const { publisher } = publisherTo(async (subject, _messageId, payload) => {
      bodies.push([subject, JSON.parse(new TextDecoder().decode(payload))])
      return { isDuplicate: false }
    })
    await publishAll(numbered(1), publisher, never)
    await publisher.drain()
    expect(bodies).toEqual([...numbered(1)].map(({ envelope, subject }) => [subject, envelope]))
  })

  test.each(['not-stored', 'no-stream'] as const)(
    'tries again after %s, with the same message id, until it is stored',
    async (kind) => {
      const attempts: string[] = []
      const { publisher } = publisherTo(async (_subject, messageId) => {
        attempts.push(messageId)
        if (attempts.length < 4) throw new PublishFailure(kind, 'not now')
        return { isDuplicate: true }
      })
      await publishAll(numbered(1), publisher, never)
      await publisher.drain()
      expect(attempts).toEqual(Array.from({ length: 4 }, () => 'tenant-1:e-0'))
      expect(publisher).toMatchObject({ published: 1, duplicates: 1, failed: 0, retries: 3, shouldGiveUp: false })
    },
  )

  test('tries a rejected message once and counts it as failed', async () => {
    let attempts = 0
    const { publisher } = publisherTo(() => {
      attempts++
      return Promise.reject(new PublishFailure('rejected', 'no permission'))
    })
    await publishAll(numbered(1), publisher, never)
    await publisher.drain()
    expect(attempts).toBe(1)
    expect(publisher).toMatchObject({ published: 0, failed: 1, retries: 0, shouldGiveUp: true })
  })

  test('gives up when no message is acknowledged, instead of trying all events', async () => {
    const { publisher } = publisherTo(() => Promise.reject(new PublishFailure('no-stream', 'no stream')))
    await publishAll(numbered(1_000_000), publisher, never)
    await publisher.drain()
    expect(publisher.shouldGiveUp).toBe(true)
    expect(publisher.failed).toBe(10)
    expect(publisher.lastFailure?.kind).toBe('no-stream')
  })

  test('continues after failures while other messages are acknowledged', async () => {
    const { publisher } = publisherTo(async (_subject, messageId) => {
      if (messageId.endsWith('5')) throw new PublishFailure('rejected', 'not this one')
      return { isDuplicate: false }
    })
    await publishAll(numbered(100), publisher, never)
    await publisher.drain()
    expect(publisher).toMatchObject({ published: 90, failed: 10 })
  })

  test('publishes exactly rate times duration', async () => {
    const { clock, publisher } = publisherTo(async () => ({ isDuplicate: false }), 1_000)
    await publishAtRate(numbered(1_000_000), publisher, {
      clock,
      ratePerSecond: 333,
      durationMs: 3_000,
      signal: never,
    })
    await publisher.drain()
    expect(publisher.published).toBe(999)
  })

  test('waits for pending acknowledgements and publishes nothing new after a stop', async () => {
    const stopping = new AbortController()
    const { clock, publisher } = publisherTo(async () => {
      if (publisher.published === 49) stopping.abort()
      return { isDuplicate: false }
    })
    await publishAtRate(numbered(1_000_000), publisher, {
      clock,
      ratePerSecond: 100,
      durationMs: Infinity,
      signal: stopping.signal,
    })
    await publisher.drain()
    expect(publisher.inFlight).toBe(0)
    expect(publisher.published).toBeGreaterThanOrEqual(50)
    expect(publisher.published).toBeLessThanOrEqual(61)
  })
})
