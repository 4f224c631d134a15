import { describe, expect, test } from 'bun:test'
import { DataVersions } from '../../../src/http/cache/data-versions.ts'
import type { ClusterMessenger } from '../../../src/cluster/ports.ts'
import { VersionExchange } from '../../../src/cluster/version-exchange.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'

/** Plain messages between members, some of which get lost. */
class MemoryMessages {
  readonly #listeners = new Map<string, Set<Parameters<ClusterMessenger['subscribe']>[1]>>()
  isLosing = false
  requests = 0

  end(): ClusterMessenger {
    return {
      publish: (topic, text) => {
        if (!this.isLosing) for (const hear of this.#listeners.get(topic) ?? []) hear(text, () => {})
      },
      subscribe: (topic, hear) => {
        const listeners = this.#listeners.get(topic) ?? new Set()
        this.#listeners.set(topic, listeners.add(hear))
        return () => listeners.delete(hear)
      },
      request: async (topic, text) => {
        this.requests++
        let answer: { text: string } | 'no-responder' = 'no-responder'
        for (const hear of this.#listeners.get(topic) ?? []) hear(text, (said) => (answer = { text: said }))
        return answer
      },
    }
  }
}

function twoMembers() {
  const clock = new ManualClock(0)
  const bus = new MemoryMessages()
  const owners = new Map([
    ['theirs', 'a'],
    ['ours', 'b'],
  ])
  const moved: string[] = []
  const member = (id: string) => {
    const versions = new DataVersions({ clock })
    const exchange = new VersionExchange({
      id,
      messenger: bus.end(),
      versions,
      ownerOf: (tenantId) => owners.get(tenantId),
      onVersionsChanged: (tenantIds) => void (id === 'b' && moved.push(...tenantIds)),
      clock,
    })
    exchange.open()
    versions.connectPeers(exchange)
    const move = (tenantId: string) => {
      versions.advance(tenantId)
      exchange.announce([tenantId])
    }
    const versionOf = async (tenantId: string) => {
      await versions.load(tenantId)
      return versions.of(tenantId)
    }
    return { versions, exchange, move, versionOf }
  }
  return { clock, bus, owners, moved, a: member('a'), b: member('b') }
}

describe('members of a cluster', () => {
  test('have the same version of a tenant’s data, before and after a change, and request it once', async () => {
    const { clock, bus, moved, a, b } = twoMembers()
    await clock.advance(1_100)
    const first = await a.versionOf('theirs')
    expect(await b.versionOf('theirs')).toBe(first)
    a.move('theirs')
    expect(await a.versionOf('theirs')).not.toBe(first)
    expect(await b.versionOf('theirs')).toBe(await a.versionOf('theirs'))
    expect([bus.requests, moved]).toEqual([1, ['theirs']])
  })

  test('detect within two seconds that an announcement was lost', async () => {
    const { clock, bus, a, b } = twoMembers()
    await clock.advance(1_100)
    const first = await b.versionOf('theirs')
    bus.isLosing = true
    a.move('theirs')
    bus.isLosing = false
    expect(await b.versionOf('theirs')).toBe(first)
    await clock.advance(1_000)
    expect(await b.versionOf('theirs')).toBe(await a.versionOf('theirs'))
    expect(await b.versionOf('theirs')).not.toBe(first)
  })

  test('forget the versions of a member whose announcements stop', async () => {
    const { clock, a, b } = twoMembers()
    await clock.advance(1_100)
    const before = await b.versionOf('theirs')
    a.exchange.close()
    await clock.advance(5_000)
    const [unknown, later] = [await b.versionOf('theirs'), (await clock.advance(1_000), await b.versionOf('theirs'))]
    expect(new Set([before, unknown, later]).size).toBe(3)
  })

  test.each([
    '',
    'null',
    '[]',
    '{"from":"a","sequence":',
    '{"from":7,"sequence":1}',
    '{"from":"a","sequence":"1"}',
    '{"from":"a","sequence":1,"all":"yes"}',
    '{"from":"a","sequence":1,"versions":"theirs"}',
    '{"from":"a","sequence":1,"versions":[7]}',
    '{"from":"a","sequence":1,"versions":[["theirs"]]}',
    '{"from":"a","sequence":1,"versions":[["theirs",null]]}',
  ])('ignore a message that no member writes: %s', async (text) => {
    const { clock, bus, moved, a, b } = twoMembers()
    await clock.advance(1_100)
    bus.end().publish('announcements', text)
    expect(moved).toEqual([])
    expect(await b.versionOf('theirs')).toBe(await a.versionOf('theirs'))
  })

  test('forget all versions when all data change', async () => {
    const { clock, a, b } = twoMembers()
    await clock.advance(1_100)
    const first = await b.versionOf('theirs')
    a.versions.advanceAll()
    expect(await b.versionOf('theirs')).not.toBe(first)
    expect(await b.versionOf('theirs')).toBe(await a.versionOf('theirs'))
  })
})
