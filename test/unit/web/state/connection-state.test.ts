import { describe, expect, test } from 'bun:test'
import { ConnectionState } from '../../../../src/web/state/connection-state.ts'

type Step = 'connecting' | 'live' | 'polling' | 'waiting' | 'loaded' | 'failed' | 'network lost'

/** What the page shows after each step. */
function shownAfter(steps: readonly Step[]): string[] {
  const state = new ConnectionState()
  return steps.map((step) => {
    if (step === 'loaded') state.loadSucceeded()
    else if (step === 'failed') state.loadFailed()
    else if (step === 'network lost') state.networkLost()
    else state.streamChanged(step)
    return state.connection.value
  })
}

describe('the connection of the page', () => {
  test.each<[string, readonly Step[], readonly string[]]>([
    ['is live once the stream has an event', ['loaded', 'live'], ['connecting', 'live']],
    ['waits when the stream is interrupted', ['live', 'waiting'], ['live', 'waiting']],
    ['polls while loads succeed without a stream', ['live', 'waiting', 'loaded'], ['live', 'waiting', 'polling']],
    [
      'goes on polling while the stream is tried again',
      ['waiting', 'loaded', 'connecting', 'waiting', 'live'],
      ['waiting', 'polling', 'polling', 'polling', 'live'],
    ],
    [
      'stays outdated after a failed load, whatever the stream says',
      ['live', 'failed', 'live', 'loaded'],
      ['live', 'waiting', 'waiting', 'live'],
    ],
    ['waits without a network', ['live', 'network lost'], ['live', 'waiting']],
    [
      'believes an event of the stream more than the network of the browser',
      ['live', 'network lost', 'live'],
      ['live', 'waiting', 'live'],
    ],
    [
      'believes a load more than the network, too',
      ['polling', 'network lost', 'loaded'],
      ['polling', 'waiting', 'polling'],
    ],
  ])('%s', (_, steps, shown) => expect(shownAfter(steps)).toEqual([...shown]))

  test('is offline from the loss of the network until something proves the opposite, also when it waited before', () => {
    const state = new ConnectionState()
    state.loadFailed()
    state.networkLost()
    expect([state.connection.value, state.isOffline.value]).toEqual(['waiting', true])
    state.loadFailed()
    expect(state.isOffline.value).toBe(true)
    state.loadSucceeded()
    expect(state.isOffline.value).toBe(false)
  })

  test('starts again after a reset', () => {
    const state = new ConnectionState()
    state.streamChanged('live')
    state.loadFailed()
    state.reset()
    expect([state.connection.value, state.hasStream]).toEqual(['connecting', false])
  })
})
