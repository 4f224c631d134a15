import { beforeEach, describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import type { NameObservation } from '../../../../src/events/event-row.ts'
import { ByteInterner } from '../../../../src/events/block/byte-interner.ts'
import { NameDictionary } from '../../../../src/events/block/name-dictionary.ts'
import { ObservedNames, type SelectedNames } from '../../../../src/events/block/observed-names.ts'
import { NameCache } from '../../../../src/ingest/writer/name-cache.ts'

const seen = (name: string, occurred_at: number, id = 'c'): NameObservation => ({
  tenant_id: 't',
  kind: 'campaign',
  id,
  name,
  occurred_at,
})

let dictionary = new NameDictionary()
beforeEach(() => {
  dictionary = new NameDictionary()
})

/** The names of a block with one row per observation. */
function selected(...observations: readonly NameObservation[]): SelectedNames {
  const tenants = new ByteInterner()
  const names = new ObservedNames(tenants)
  names.clear(dictionary)
  for (const [row, observation] of observations.entries()) {
    names.open(row)
    names.add(row, tenants.internText(observation.tenant_id), observation)
  }
  const occurredAt = Float64Array.from(observations, ({ occurred_at }) => occurred_at)
  return names.select(Uint32Array.from(observations.keys()), occurredAt)
}

/** Writes the unwritten names of a block, as a commit does, and returns them. */
function write(memory: NameCache, ...observations: readonly NameObservation[]): NameObservation[] {
  const names = selected(...observations)
  const unwritten = memory.selectUnwritten(names)
  memory.markWritten(names, unwritten)
  return unwritten.map((name) => names.observation(name))
}

/** The name that the store shows: the newest instant, ties by the greater name. */
function shown(written: readonly NameObservation[]): string | undefined {
  const [newest] = written.toSorted((a, b) => b.occurred_at - a.occurred_at || (a.name < b.name ? 1 : -1))
  return newest?.name
}

describe('the name cache', () => {
  test('writes a name once, again after a minute, and a new name at once', () => {
    const memory = new NameCache()
    const count = (observation: NameObservation) => write(memory, observation).length
    expect([count(seen('a', 0)), count(seen('a', 1)), count(seen('a', 59_999)), count(seen('a', 60_000))]).toEqual([
      1, 0, 0, 1,
    ])
    expect([count(seen('b', 60_001)), count(seen('a', 60_000)), count(seen('a', 60_000, 'other'))]).toEqual([1, 0, 1])
  })

  test('writes a name once more with another dictionary', () => {
    const memory = new NameCache()
    for (let round = 0; round < 2; round++) {
      expect(write(memory, seen('a', 0), seen('b', 0, 'd'))).toHaveLength(2)
      expect(write(memory, seen('a', 1), seen('b', 1, 'd'))).toEqual([])
      dictionary = new NameDictionary()
    }
  })

  test('writes the newest name of each entity of a block', () => {
    const memory = new NameCache()
    const other = { ...seen('x', 1), tenant_id: 'u' }
    expect(write(memory, seen('b', 2), other, seen('a', 1), seen('a', 2), seen('a', 9, 'd'))).toEqual([
      seen('b', 2),
      other,
      seen('a', 9, 'd'),
    ])
    // The newer observation of the known name decides against the other one, although that comes first.
    expect(write(memory, seen('a', 3), seen('b', 4))).toEqual([])
    expect(write(memory, seen('c', 4), { ...other, kind: 'template' })).toEqual([
      seen('c', 4),
      { ...other, kind: 'template' },
    ])
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
          written.push(...write(memory, seen(name, at)))
        }
        expect(shown(written)).toBe(shown(observations.map(({ name, at }) => seen(name, at))))
      }),
    )
  })
})
