import { describe, expect, test } from 'bun:test'
import { Rejection } from '../../../../src/events/rejection.ts'
import { accept, envelope, read } from '../../../support/ingest/event-samples.ts'

const [CUT, REPAIRED] = ['Sale \ud83c', 'Sale \ufffd']

describe('a text with an unpaired surrogate', () => {
  test.each([
    ['templateName', { templateId: 'x' }],
    ['campaignName', { campaignId: 'x' }],
    ['workflowName', { workflowId: 'x' }],
    ['sequenceName', { sequenceId: 'x' }],
    ['sourceName', { sourceType: 'campaign', sourceId: 'x' }],
  ])('is repaired in %s', (field, ids) => {
    const { row, names } = accept(envelope({ ...ids, [field]: CUT }))
    expect(names.map(({ id, name }) => [id, name])).toEqual([['x', REPAIRED]])
    expect(row.metadata).toBe('{}')
  })

  test('is repaired in `name`, the name of the entity itself', () => {
    const { names } = accept(envelope({ campaignId: 'x', name: CUT }), { subject: 'campaign.started' })
    expect(names.map(({ name }) => name)).toEqual([REPAIRED])
  })

  test('is one name when two fields contain it', () => {
    const { row, names } = accept(
      envelope({ campaignId: 'x', campaignName: CUT, sourceType: 'campaign', sourceName: CUT }),
    )
    expect([names.length, row.metadata]).toEqual([1, '{}'])
  })

  test('is repaired in sourceType', () => {
    expect(accept(envelope({ sourceType: CUT })).row.source_type).toBe(REPAIRED)
  })

  test('is kept unchanged in metadata', () => {
    expect(accept(envelope({ metadata: { note: CUT }, other: CUT })).row.metadata).toBe(
      '{"note":"Sale \\ud83c","other":"Sale \\ud83c"}',
    )
  })

  test.each(['messageId', 'campaignId', 'workflowId', 'sequenceId', 'templateId', 'sourceId', 'contactId', 'userId'])(
    'is rejected in %s, since two ids could become equal',
    (field) => {
      const refused = read(JSON.stringify(envelope({ [field]: CUT })))
      expect(refused instanceof Rejection && refused.reason).toBe('invalid_text')
    },
  )
})
