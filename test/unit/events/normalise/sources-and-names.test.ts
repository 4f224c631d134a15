import { describe, expect, test } from 'bun:test'
import { accept, envelope, NOW } from '../../../support/ingest/event-samples.ts'

const row = (data: object, subject = 'pipeline.message.sent') => accept(envelope(data), { subject }).row
const names = (data: object, subject = 'pipeline.message.sent') =>
  accept(envelope(data), { subject }).names.map(({ kind, id, name }) => [kind, id, name])

describe('the source', () => {
  test.each([
    ['campaign', 'campaign_id'],
    ['workflow', 'workflow_id'],
    ['sequence', 'sequence_id'],
  ])('of type %s fills %s', (sourceType, column) => {
    expect(row({ sourceType, sourceId: 's1' })).toMatchObject({
      source_type: sourceType,
      source_id: 's1',
      [column]: 's1',
    })
  })

  test.each([
    ['campaignId', 'campaign'],
    ['workflowId', 'workflow'],
    ['sequenceId', 'sequence'],
  ])('is filled from %s when absent', (field, source_type) => {
    expect(row({ [field]: 'x' })).toMatchObject({ source_type, source_id: 'x' })
    expect(row({ [field]: 'x', sourceType: null, sourceId: null })).toMatchObject({ source_type, source_id: 'x' })
  })

  test('takes precedence over the other ids when it is explicit, and an explicit id over the source', () => {
    expect(row({ sourceType: 'workflow', sourceId: 'w', campaignId: 'c' })).toMatchObject({
      source_type: 'workflow',
      source_id: 'w',
      campaign_id: 'c',
      workflow_id: 'w',
    })
    expect(row({ sourceType: 'campaign', sourceId: 's', campaignId: 'c' })).toMatchObject({
      source_id: 's',
      campaign_id: 'c',
    })
  })

  test('of another kind is stored unchanged', () => {
    expect(row({ sourceType: 'manual', sourceId: 'u1' })).toMatchObject({
      source_type: 'manual',
      source_id: 'u1',
      campaign_id: null,
      workflow_id: null,
      sequence_id: null,
    })
    expect(row({})).toMatchObject({ source_type: '', source_id: null })
  })
})

describe('names', () => {
  test('are read for every kind, with the time and tenant of the event', () => {
    const { names: observed } = accept(
      envelope({
        ...{ campaignId: 'c', campaignName: 'C', workflowId: 'w', workflowName: 'W' },
        ...{ sequenceId: 's', sequenceName: 'S', templateId: 't', templateName: 'T' },
      }),
    )
    expect(observed).toEqual([
      { tenant_id: 't1', kind: 'campaign', id: 'c', name: 'C', occurred_at: NOW },
      { tenant_id: 't1', kind: 'workflow', id: 'w', name: 'W', occurred_at: NOW },
      { tenant_id: 't1', kind: 'sequence', id: 's', name: 'S', occurred_at: NOW },
      { tenant_id: 't1', kind: 'template', id: 't', name: 'T', occurred_at: NOW },
    ])
  })

  test('of the source belong to the source, also when its kind is derived', () => {
    expect(names({ sourceType: 'campaign', sourceId: 'c', sourceName: 'N' })).toEqual([['campaign', 'c', 'N']])
    expect(names({ workflowId: 'w', sourceName: 'N' })).toEqual([['workflow', 'w', 'N']])
    expect(names({ sourceType: 'manual', sourceId: 'c', sourceName: 'N' })).toEqual([])
  })

  test('in the field `name` belong to the entity of the event', () => {
    expect(names({ campaignId: 'c', name: 'N' }, 'campaign.started')).toEqual([['campaign', 'c', 'N']])
    expect(names({ workflowId: 'w', runId: 'r', name: 'N' }, 'workflow.run.started')).toEqual([['workflow', 'w', 'N']])
    expect(names({ contactId: 'c', name: 'Ada' }, 'contact.created')).toEqual([])
    expect(JSON.parse(row({ contactId: 'c', name: 'Ada' }, 'contact.created').metadata)).toMatchObject({ name: 'Ada' })
  })

  test('without an id are kept in metadata', () => {
    expect(names({ templateName: 'T' })).toEqual([])
    expect(row({ templateName: 'T' }).metadata).toBe('{"templateName":"T"}')
  })

  test('that contradict each other: the more specific one is used, the other is kept in metadata', () => {
    const data = { campaignId: 'c', campaignName: 'A', sourceType: 'campaign', sourceId: 'c', sourceName: 'B' }
    expect(names(data)).toEqual([['campaign', 'c', 'A']])
    expect(row(data).metadata).toBe('{"sourceName":"B"}')
    expect(row({ ...data, sourceName: 'A' }).metadata).toBe('{}')
  })
})

test('the columns are filled from the documented example', () => {
  const { row: stored, names: observed } = accept({
    eventId: 'e',
    tenantId: 'tenant-1',
    timestamp: '2026-01-27T10:15:30.123Z',
    correlationId: 'optional',
    data: {
      ...{
        messageId: 'm-1',
        channel: 'email',
        contactId: 'c-1',
        userId: null,
        sourceType: 'campaign',
        sourceId: 'cmp-1',
      },
      ...{ sourceName: 'Black Friday Sale', templateId: 'tpl-1', templateName: 'Welcome Email' },
      metadata: { anything: 'kept as JSON' },
    },
  })
  expect(stored).toEqual({
    id: stored.id,
    tenant_id: 'tenant-1',
    event_type: 'message_sent',
    entity_type: 'message',
    entity_id: 'm-1',
    channel: 'email',
    contact_id: 'c-1',
    user_id: null,
    source_type: 'campaign',
    source_id: 'cmp-1',
    campaign_id: 'cmp-1',
    workflow_id: null,
    sequence_id: null,
    template_id: 'tpl-1',
    metadata: '{"anything":"kept as JSON"}',
    occurred_at: Date.UTC(2026, 0, 27, 10, 15, 30, 123),
    step_number: null,
    enrollment_id: null,
  })
  expect(observed.map(({ name }) => name)).toEqual(['Welcome Email', 'Black Friday Sale'])
})

test.each([
  [1, 1],
  [4_294_967_295, 4_294_967_295],
  [null, null],
  [0, null],
  [-1, null],
  [1.5, null],
  ['3', null],
  [4_294_967_296, null],
])('stepNumber %j is stored as %j, and kept in metadata when it is invalid', (stepNumber, stored) => {
  const { step_number, metadata } = row({ enrollmentId: 'e', stepNumber }, 'sequence.step.executed')
  expect(step_number).toBe(stored)
  const isKept = stored === null && stepNumber !== null
  expect(JSON.parse(metadata)).toEqual(isKept ? { messageId: 'm1', stepNumber } : { messageId: 'm1' })
})
