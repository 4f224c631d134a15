import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import type { NameObservation } from '../../../../src/events/event-row.ts'
import { ByteInterner } from '../../../../src/events/block/byte-interner.ts'
import { ObservedNames, type SelectedNames } from '../../../../src/events/block/observed-names.ts'
import { NameCache } from '../../../../src/ingest/writer/name-cache.ts'

const seen = (name: string, occurred_at: number, id = 'c'): NameObservation => ({
  tenant_id: 't',
  kind: 'campaign',
  id,
  name,
  occurred_at,
})

/** The names of a block with one row per observation. */
function selected(...observations: readonly NameObservation[]): SelectedNames {
  const [names, tenants] = [new ObservedNames(), new ByteInterner()]
  for (const [row, observation] of observations.entries()) {
    names.open(row)
    names.add(row, tenants.internText(observation.tenant_id), observation)
  }
  const occurredAt = Float64Array.from(observations, ({ occurred_at }) => occurred_at)
  return names.select(Uint32Array.from(observations.keys()), occurredAt, tenants)
}

/** The name that the store shows: the newest instant, ties by the greater name. */
function shown(written: readonly NameObservation[]): string | undefined {
  const [newest] = written.toSorted((a, b) => b.occurred_at - a.occurred_at || (a.name < b.name ? 1 : -1))
  return newest?.name
}

describe('the name cache', () => {
  test('writes a name once, again after a minute, and a new name at once', () => {
    const memory = new NameCache()
    const write = (...observations: NameObservation[]) => {
      const unwritten = memory.selectUnwritten(selected(...observations))
      memory.markWritten(unwritten)
      return unwritten.length
    }
    expect([write(seen('a', 0)), write(seen('a', 1)), write(seen('a', 59_999)), write(seen('a', 60_000))]).toEqual([
      1, 0, 0, 1,
    ])
    expect([write(seen('b', 60_001)), write(seen('a', 60_000)), write(seen('a', 60_000, 'other'))]).toEqual([1, 0, 1])
  })

  test.each([
    ['short names of few tenants', 100_000, 'a', 0],
    ['short names of many tenants', 100_000, undefined, 0],
    ['long names', 40, 'x'.repeat(1_000_000), 1],
    ['more tenants than fit', 300_000, undefined, 1],
  ])('remembers as much as fits: %s', (_, count, name, forgotten) => {
    const memory = new NameCache()
    const of = (index: number) => ({
      ...seen(name === undefined ? 'a' : `${name}${index}`, 0, `c${index}`),
      ...(name === undefined ? { tenant_id: `t${index}` } : {}),
    })
    for (let index = 0; index < count; index++) memory.markWritten([of(index)])
    expect(memory.selectUnwritten(selected(of(count - 1)))).toHaveLength(0)
    expect(memory.selectUnwritten(selected(of(0)))).toHaveLength(forgotten)
  })

  test('writes the newest name of each entity of a block', () => {
    const memory = new NameCache()
    const write = (...observations: NameObservation[]) => {
      const unwritten = memory.selectUnwritten(selected(...observations))
      memory.markWritten(unwritten)
      return unwritten
    }
    const other = { ...seen('x', 1), tenant_id: 'u' }
    expect(write(seen('b', 2), other, seen('a', 1), seen('a', 2), seen('a', 9, 'd'))).toEqual([
      seen('b', 2),
      other,
      seen('a', 9, 'd'),
    ])
    // The newer observation of the known name decides against the other one, although that comes first.
    expect(write(seen('a', 3), seen('b', 4))).toEqual([])
    expect(write(seen('c', 4), { ...other, kind: 'template' })).toEqual([seen('c', 4), { ...other, kind: 'template' }])
  })

  test('writes a name again that could not be written', () => {
    const memory = new NameCache()
    expect(memory.selectUnwritten(selected(seen('a', 0)))).toHaveLength(1)
    expect(memory.selectUnwritten(selected(seen('a', 0)))).toHaveLength(1)
  })

  test('has the same result as writing every name, in any order', () => {
    const observation = fc.record({ name: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: 0, max: 200_000 }) })
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 60 }), (observations) => {
        const memory = new NameCache()
        const written: NameObservation[] = []
        for (const { name, at } of observations) {
          const unwritten = memory.selectUnwritten(selected(seen(name, at)))
          memory.markWritten(unwritten)
          written.push(...unwritten)
        }
        expect(shown(written)).toBe(shown(observations.map(({ name, at }) => seen(name, at))))
      }),
    )
  })
})
