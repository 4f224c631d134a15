import { describe, expect, test } from 'bun:test'
import { type Condition, conditionsOf, filterOfConditions, valuesOf } from '../../../src/web/analysis/conditions.ts'
import { filterOf } from '../../../src/web/analysis/definition-text.ts'

const CONDITIONS: readonly Condition[] = [
  { dimension: 'channel', operator: 'in', values: ['email', 'sms'] },
  { dimension: 'step', operator: 'notIn', values: [1] },
  { dimension: 'campaign', operator: 'exists', values: [] },
  { dimension: 'template', operator: 'missing', values: [] },
]

describe('conditions', () => {
  test('are the same after they were a filter', () => {
    expect(conditionsOf(filterOfConditions(CONDITIONS))).toEqual(CONDITIONS)
    for (const condition of CONDITIONS) expect(conditionsOf(filterOfConditions([condition]))).toEqual([condition])
    expect(conditionsOf(filterOfConditions([]))).toEqual([])
  })

  test('cannot be made of alternatives and of lists inside a list', () => {
    const [first, second] = CONDITIONS.map((condition) => filterOfConditions([condition])!)
    expect(conditionsOf({ or: [first!, second!] })).toBeUndefined()
    expect(conditionsOf({ and: [first!, { and: [first!, second!] }] })).toBeUndefined()
    expect(conditionsOf({ not: first! })).toBeUndefined()
  })

  test('have the values of a text with commas, and numbers for steps and hours', () => {
    expect(valuesOf(' a, b,,c d ', 'campaign')).toEqual(['a', 'b', 'c d'])
    expect(valuesOf('1, x, 2', 'step')).toEqual([1, 2])
  })
})

describe('a filter of the address', () => {
  test('is read as it is', () => {
    const filter = { or: [filterOfConditions(CONDITIONS), { not: { dimension: 'link', operator: 'exists' } }] }
    expect(filterOf(filter) as unknown).toEqual(filter)
  })

  test.each([
    [null],
    [{ and: [] }],
    [{ and: [{ dimension: 'mood', operator: 'exists' }] }],
    [{ dimension: 'channel', operator: 'in', values: [] }],
    [{ dimension: 'channel', operator: 'like', values: ['a'] }],
    [{ not: { not: { not: { not: { not: { dimension: 'channel', operator: 'exists' } } } } } }],
  ])('%j is none', (filter) => expect(filterOf(filter)).toBeUndefined())
})
