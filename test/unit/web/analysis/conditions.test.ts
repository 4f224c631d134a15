import { describe, expect, test } from 'bun:test'
import { bothOf, conditionsOf } from '../../../../src/web/analysis/conditions.ts'
import { filterOf } from '../../../../src/web/analysis/definition-text.ts'
import { type Filter, filterTreeOf } from '../../../../src/web/filters/filter.ts'

const CONDITIONS: readonly Filter[] = [
  { dimension: 'channel', operator: 'in', values: ['email', 'sms'] },
  { dimension: 'step', operator: 'notIn', values: ['1'] },
  { dimension: 'campaign', operator: 'exists', values: [] },
  { dimension: 'template', operator: 'missing', values: [] },
]

describe('conditions', () => {
  test('are the same after they were a filter', () => {
    expect(conditionsOf(filterTreeOf(CONDITIONS))).toEqual(CONDITIONS)
    for (const condition of CONDITIONS) expect(conditionsOf(filterTreeOf([condition]))).toEqual([condition])
    expect(conditionsOf(filterTreeOf([]))).toEqual([])
  })

  test('cannot be made of alternatives and of lists inside a list', () => {
    const [first, second] = CONDITIONS.map((condition) => filterTreeOf([condition])!)
    expect(conditionsOf({ or: [first!, second!] })).toBeUndefined()
    expect(conditionsOf({ and: [first!, { and: [first!, second!] }] })).toBeUndefined()
    expect(conditionsOf({ not: first! })).toBeUndefined()
  })

  test('are joined with others without repeating one', () => {
    const [first, second] = CONDITIONS.map((condition) => filterTreeOf([condition])!)
    expect(bothOf(first, undefined)).toEqual(first)
    expect(bothOf(undefined, undefined)).toBeUndefined()
    expect(bothOf(first, first)).toEqual(first)
    expect(bothOf({ and: [first!, second!] }, first)).toEqual({ and: [first!, second!] })
    expect(bothOf({ or: [first!, second!] }, first)).toEqual({ and: [{ or: [first!, second!] }, first!] })
  })
})

describe('a filter of the address', () => {
  test('is read as it is', () => {
    const filter = { or: [filterTreeOf(CONDITIONS), { not: { dimension: 'link', operator: 'exists' } }] }
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
