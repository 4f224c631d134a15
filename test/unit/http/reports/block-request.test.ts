import { describe, expect, test } from 'bun:test'
import { ApiFailure } from '../../../../src/base/errors.ts'
import { cutBlock, resolveBlocks } from '../../../../src/http/reports/block-request.ts'
import type { BlockRequest } from '../../../../src/reports/report.ts'

const NOW = Date.parse('2026-01-29T06:30:00.000Z')
const DAY_MS = 86_400_000

const block = (kind: BlockRequest['kind'], body: BlockRequest['body']): BlockRequest => ({
  title: 'A block',
  kind,
  body,
  chart: 'table',
})
const query = (body: object = {}) => block('query', { metrics: ['sent'], ...body })
const dashboard = (body: object) => block('dashboard', body as BlockRequest['body'])
const resolve = (blocks: readonly BlockRequest[], timezone = 'Europe/Berlin') =>
  resolveBlocks({ blocks: [...blocks], timezone }, NOW)

function pathsOf(...blocks: BlockRequest[]): string[] {
  try {
    resolve(blocks)
    return []
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code !== 'VALIDATION_ERROR') throw error
    return error.details.map(({ path }) => path)
  }
}

describe('the requests of blocks', () => {
  test.each<[string, BlockRequest, string[]]>([
    ['a missing metric', block('query', {}), ['metrics']],
    ['an unknown metric', query({ metrics: ['sent', 'nope'] }), ['metrics[1]']],
    ['an unknown field', query({ bogus: 1 }), ['bogus']],
    ['a refused pair', query({ metrics: ['humanOpens'], dimensions: ['step'] }), ['dimensions']],
    [
      'a part of a filter',
      query({ filter: { and: [{ dimension: 'nope', operator: 'exists' }] } }),
      ['filter.and[0].dimension'],
    ],
    ['an unknown zone', query({ timezone: 'Mars/Base' }), ['timezone']],
    ['an end without a start', query({ endDate: '2026-01-28' }), ['endDate']],
    ['the cursor of a page', query({ cursor: 'abc' }), ['cursor']],
    ['too many buckets', query({ granularity: 'hour', startDate: '2025-01-01' }), ['']],
    [
      'one step of a funnel',
      block('funnel', { entity: 'message', steps: [{ event: 'message_sent' }], order: 'ordered', window: '7d' }),
      ['steps'],
    ],
    [
      'a field of the other kind of cohorts',
      block('cohort', { kind: 'retention', period: 'day', cohort: 'day', periods: 5 }),
      ['period', 'start', 'return', 'counting', 'mode'],
    ],
    ['an unknown dashboard', dashboard({ dashboard: 'nope' }), ['dashboard']],
    ['no dashboard', dashboard({}), ['dashboard']],
    ['a parameter of another dashboard', dashboard({ dashboard: 'overview', granularity: 'day' }), ['granularity']],
    ['a parameter of files', dashboard({ dashboard: 'overview', format: 'csv' }), ['format']],
    ['a limit as a text', dashboard({ dashboard: 'campaigns', limit: '5' }), ['limit']],
    ['a comparison without its dates', dashboard({ dashboard: 'overview', compare: 'custom' }), ['compareStart']],
  ])('are refused for %s by the path', (_, wrong, fields) => {
    const paths = pathsOf(query(), wrong)
    expect(paths).toEqual(fields.map((field) => (field === '' ? 'blocks[1].body' : `blocks[1].body.${field}`)))
  })

  test('name the mistakes of all blocks', () => {
    const paths = pathsOf(query({ metrics: ['nope'] }), query(), dashboard({ dashboard: 'nope' }))
    expect(paths).toEqual(['blocks[0].body.metrics[0]', 'blocks[2].body.dashboard'])
  })

  test('have the zone of the report unless they name one', () => {
    const [own, reports] = resolve([query({ timezone: 'Asia/Tokyo', timeRange: '1d' }), query({ timeRange: '1d' })])
    expect([own?.zone.name, reports?.zone.name]).toEqual(['Asia/Tokyo', 'Europe/Berlin'])
    expect(new Date(own!.range.start).toISOString()).toBe('2026-01-27T15:00:00.000Z')
    expect(new Date(reports!.range.start).toISOString()).toBe('2026-01-27T23:00:00.000Z')
  })

  test('have the defaults of a dashboard', () => {
    const [campaigns] = resolve([dashboard({ dashboard: 'campaigns' })])
    expect(campaigns).toMatchObject({ kind: 'dashboard', query: { limit: 10 }, dashboard: { name: 'campaigns' } })
    expect((campaigns!.range.end + 1 - campaigns!.range.start) / DAY_MS).toBe(31)
  })
})

describe('a block as of an instant', () => {
  const FUNNEL = {
    entity: 'message',
    steps: [{ event: 'message_sent' }, { event: 'message_opened' }],
    order: 'ordered',
    window: '7d',
  }
  const COHORT = { kind: 'engagement', event: 'opened', human: false, period: 'day', periods: 5, cohort: 'day' }

  test.each<[string, BlockRequest]>([
    ['query', query({ timeRange: '7d', granularity: 'hour' })],
    ['funnel', block('funnel', FUNNEL)],
    ['cohort', block('cohort', COHORT)],
    ['dashboard', dashboard({ dashboard: 'messages' })],
  ])('ends there: %s', (_, request) => {
    const [whole] = resolve([request])
    expect(whole!.range.end).toBeGreaterThan(NOW)
    const cut = cutBlock(whole!, NOW)
    const range = { start: whole!.range.start, end: NOW }
    expect(cut.range).toEqual(range)
    expect(cut.kind === 'dashboard' ? cut.resolved.range : cut.query.range).toEqual(range)
    if (cut.kind === 'query') expect(cut.query.buckets!.at(-1)).toBe(Date.parse('2026-01-29T06:00:00.000Z'))
  })

  test('that ended before is as it was', () => {
    const [past] = resolve([query({ startDate: '2026-01-01', endDate: '2026-01-20' })])
    expect(cutBlock(past!, NOW)).toBe(past!)
  })

  test('that begins later has no time at all', () => {
    const [later] = resolve([query({ startDate: '2026-02-01', endDate: '2026-02-20' })])
    expect(cutBlock(later!, NOW).range.end).toBeLessThan(later!.range.start)
  })
})
