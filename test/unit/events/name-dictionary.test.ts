import { expect, test } from 'bun:test'
import { NameDictionary } from '../../../src/events/block/name-dictionary.ts'

const encoder = new TextEncoder()

/** The number of a name that stands in the bytes of a message. */
function intern(names: NameDictionary, tenant: number, id: string, name: string): number {
  const source = encoder.encode(`-${name}-${id}-`)
  const nameTo = 1 + encoder.encode(name).length
  const idTo = nameTo + 1 + encoder.encode(id).length
  return names.intern(tenant, 'campaign', source, { from: nameTo + 1, to: idTo }, { from: 1, to: nameTo })
}

test('numbers each name of an entity once, from bytes and from strings', () => {
  const names = new NameDictionary()
  const tenant = names.tenants.internText('t')
  // The bytes of the first two are the same, one after the other.
  const pairs = [
    ['ab', 'c'],
    ['a', 'bc'],
    ['a', ''],
    ['', 'a'],
    ['ü€', '😀'],
    ['long', 'x'.repeat(5_000)],
  ] as const
  const numbers = pairs.map(([id, name]) => intern(names, tenant, id, name))
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5])
  for (const [index, [id, name]] of pairs.entries()) {
    expect([intern(names, tenant, id, name), names.internText(tenant, { kind: 'campaign', id, name })]).toEqual([
      index,
      index,
    ])
    expect(names.observation(index, 7)).toEqual({ tenant_id: 't', kind: 'campaign', id, name, occurred_at: 7 })
  }
  expect(numbers.map((number) => names.entityOf(number))).toEqual([0, 1, 1, 2, 3, 4])
})

test('separates tenants and kinds', () => {
  const names = new NameDictionary()
  const [t, u] = [names.tenants.internText('t'), names.tenants.internText('u')]
  const numbers = [
    intern(names, t, 'a', 'x'),
    intern(names, u, 'a', 'x'),
    names.internText(u, { kind: 'template', id: 'a', name: 'x' }),
  ]
  expect(numbers).toEqual([0, 1, 2])
  expect(numbers.map((number) => names.observation(number, 0))).toMatchObject([
    { tenant_id: 't', kind: 'campaign' },
    { tenant_id: 'u', kind: 'campaign' },
    { tenant_id: 'u', kind: 'template' },
  ])
  expect(names.entityCount).toBe(3)
})

test('compares names of an entity by their texts', () => {
  const names = new NameDictionary()
  const [a, b] = [intern(names, 0, 'id', 'a'), intern(names, 0, 'id', 'b')]
  expect([names.isGreater(b, a), names.isGreater(a, b), names.isGreater(a, a)]).toEqual([true, false, false])
})
