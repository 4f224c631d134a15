import { describe, expect, test } from 'bun:test'
import { DataVersions } from '../../../../src/http/cache/data-versions.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'

describe('the versions of tenants’ data', () => {
  test('change for the tenant whose rows were stored, and for no other', () => {
    const versions = new DataVersions({ clock: new ManualClock(0) })
    const [a, b] = [versions.of('a'), versions.of('b')]
    versions.advance('a')
    expect(versions.of('a')).not.toBe(a)
    expect(versions.of('b')).toBe(b)
    versions.advanceAll()
    expect(versions.of('b')).not.toBe(b)
  })

  test('are never used twice, whatever the number of tenants', () => {
    const versions = new DataVersions({ clock: new ManualClock(0) })
    const seen = new Set<string>()
    for (let round = 0; round < 3; round++) {
      versions.advance('a')
      seen.add(versions.of('a'))
      for (let tenant = 0; tenant < 100_000; tenant++) versions.advance(`t${tenant}`)
      seen.add(versions.of('a'))
    }
    expect(seen.size).toBe(6)
  })

  test('differ between processes', () => {
    const clock = new ManualClock(0)
    expect(new DataVersions({ clock }).of('a')).not.toBe(new DataVersions({ clock }).of('a'))
  })

  test('expire where other processes may write', async () => {
    const clock = new ManualClock(0)
    const versions = new DataVersions({ clock, validForMs: 1_000 })
    const before = versions.of('a')
    await clock.advance(1_000)
    expect(versions.of('a')).not.toBe(before)
  })
})
