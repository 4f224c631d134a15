import { describe, expect, test } from 'bun:test'
import {
  applicableFilters,
  type Filter,
  filterParameters,
  filterTreeOf,
  formatFilters,
  parseFilters,
} from '../../../src/web/filters/filter.ts'

const parse = (search: string) => parseFilters(new URLSearchParams(search))
const DASHBOARD = {
  takesChannel: true,
  entityFilter: { parameter: 'campaignId', noun: 'campaign' },
  takesFilters: false,
} as const
const ANY = { takesChannel: false, entityFilter: undefined, takesFilters: true }

describe('the filters of an address', () => {
  test.each([
    ['channel=email,sms', [{ dimension: 'channel', operator: 'in', values: ['email', 'sms'] }]],
    ['channel=!push', [{ dimension: 'channel', operator: 'notIn', values: ['push'] }]],
    [
      'campaign=*&template=!*',
      [
        { dimension: 'campaign', operator: 'exists', values: [] },
        { dimension: 'template', operator: 'missing', values: [] },
      ],
    ],
    ['channel=pigeon', []],
    ['channel=email,pigeon,email', [{ dimension: 'channel', operator: 'in', values: ['email'] }]],
    ['link=%25ZZ&link=&link=!&shoe=1', []],
  ] as [string, Filter[]][])('%s', (search, filters) => expect(parse(search)).toEqual(filters))

  test('keep every text as a value', () => {
    const values = ['a,b', '!not', '*', '100%', '%2C', 'https://x.test/?a=1&b=2', ' ', '😀', "o'neil"]
    const filters: Filter[] = values.flatMap((value) => [
      { dimension: 'link', operator: 'in', values: [value, 'other'] },
      { dimension: 'link', operator: 'notIn', values: [value] },
    ])
    const search = new URLSearchParams(formatFilters(filters)).toString()
    expect(parse(search)).toEqual(filters)
  })

  test('are at most 20 with 100 values each', () => {
    const search = Array.from({ length: 25 }, (_, index) => `link=l-${index}`).join('&')
    expect(parse(search)).toHaveLength(20)
    const many = Array.from({ length: 150 }, (_, index) => `t-${index}`).join(',')
    expect(parse(`template=${many}`)[0]!.values).toHaveLength(100)
  })

  test('are a tree for the service', () => {
    expect(filterTreeOf([])).toBeUndefined()
    expect(filterTreeOf(parse('campaign=!*'))).toEqual({ not: { dimension: 'campaign', operator: 'exists' } })
    expect(filterTreeOf(parse('channel=email&step=!2&link=*'))).toEqual({
      and: [
        { dimension: 'channel', operator: 'in', values: ['email'] },
        { dimension: 'step', operator: 'notIn', values: ['2'] },
        { dimension: 'link', operator: 'exists' },
      ],
    })
  })
})

describe('a view applies', () => {
  test('one value of the dimensions that its dashboard takes', () => {
    const filters = parse('channel=sms&campaign=c-1&template=t-1')
    expect(applicableFilters(filters, DASHBOARD, undefined).map(({ dimension }) => dimension)).toEqual([
      'channel',
      'campaign',
    ])
    expect(filterParameters(filters, DASHBOARD, undefined)).toEqual({ channel: 'sms', campaignId: 'c-1' })
  })

  test('no campaign on the page of one', () =>
    expect(filterParameters(parse('channel=sms&campaign=c-1'), DASHBOARD, 'c-2')).toEqual({ channel: 'sms' }))

  test.each(['channel=email,sms', 'channel=!sms', 'channel=*'])('not %s on a dashboard', (search) => {
    expect(applicableFilters(parse(search), DASHBOARD, undefined)).toEqual([])
    expect(applicableFilters(parse(search), ANY, undefined)).toHaveLength(1)
    expect(filterParameters(parse(search), ANY, undefined)).toEqual({})
  })
})
