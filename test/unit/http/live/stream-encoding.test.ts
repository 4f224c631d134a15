import { describe, expect, test } from 'bun:test'
import { eventStream, jsonStream } from '../../../../src/http/live/stream-encoding.ts'
import { LiveClient } from '../../../../src/live/live-client.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'

describe.each([
  ['server-sent events', eventStream],
  ['JSON lines', jsonStream],
] as const)('a live stream as %s', (_, streamOf) => {
  const open = (next?: () => never) => {
    const reported: string[] = []
    let closedCount = 0
    const client = new LiveClient({
      clock: new ManualClock(0),
      metrics: createServiceMetrics(),
      expiresAt: Infinity,
      isStillAuthorized: () => Promise.resolve(true),
      snapshot: () => ({ id: 's', event: 'snapshot', data: '{}' }),
      onClosed: () => closedCount++,
    })
    if (next) client.next = next
    const reader = streamOf(client, (where, error) => reported.push(`${where}: ${String(error)}`)).getReader()
    return { reader, reported, closedCount: () => closedCount }
  }

  test('ends without an error when its reader leaves during the wait for a message', async () => {
    const { reader, reported, closedCount } = open()
    // The first chunk may include the comment at the beginning of the stream.
    const waiting = [reader.read(), reader.read()]
    await settled()
    await reader.cancel()
    await Promise.all(waiting)
    await settled()
    expect([reported, closedCount()]).toEqual([[], 1])
  })

  test('reports an exception and ends', async () => {
    const { reader, reported, closedCount } = open(() => {
      throw new Error('a defect')
    })
    while (!(await reader.read()).done);
    expect([reported, closedCount()]).toEqual([['socket: Error: a defect'], 1])
  })
})
