import { describe, expect, test } from 'bun:test'
import { hasInvalidLastToken, findEventDefinition, SUBJECTS } from '../../../src/events/catalogue.ts'
import { accept, envelope } from '../../support/ingest/event-samples.ts'

const IDS = {
  messageId: 'm',
  campaignId: 'cmp',
  runId: 'run',
  workflowId: 'wf',
  enrollmentId: 'enr',
  sequenceId: 'seq',
  contactId: 'con',
}

/** The table of the contract, as an independent copy. */
const CONTRACT = [
  ['pipeline.message.sent', 'message_sent', 'message', 'm'],
  ['pipeline.message.delivered', 'message_delivered', 'message', 'm'],
  ['pipeline.message.opened', 'message_opened', 'message', 'm'],
  ['pipeline.message.clicked', 'message_clicked', 'message', 'm'],
  ['pipeline.message.bounced', 'message_bounced', 'message', 'm'],
  ['pipeline.message.complained', 'message_complained', 'message', 'm'],
  ['pipeline.message.unsubscribed', 'message_unsubscribed', 'message', 'm'],
  ['campaign.started', 'campaign_started', 'campaign', 'cmp'],
  ['campaign.completed', 'campaign_completed', 'campaign', 'cmp'],
  ['workflow.run.started', 'workflow_run_started', 'workflow', 'run'],
  ['workflow.run.completed', 'workflow_run_completed', 'workflow', 'run'],
  ['workflow.run.failed', 'workflow_run_failed', 'workflow', 'run'],
  ['workflow.run.goal_reached', 'workflow_run_goal_reached', 'workflow', 'run'],
  ['sequence.step.executed', 'sequence_step_executed', 'sequence', 'enr'],
  ['sequence.enrollment.started', 'sequence_enrollment_started', 'sequence', 'enr'],
  ['sequence.enrollment.replied', 'sequence_enrollment_replied', 'sequence', 'enr'],
  ['sequence.enrollment.paused_2', 'sequence_enrollment_paused_2', 'sequence', 'enr'],
  ['contact.created', 'contact_created', 'contact', 'con'],
  ['contact.updated', 'contact_updated', 'contact', 'con'],
] as const

describe('the catalogue', () => {
  test.each(CONTRACT)('maps %s to the event type %s', (subject, event_type, entity_type, entity_id) => {
    expect(accept(envelope(IDS), { subject }).row).toMatchObject({ event_type, entity_type, entity_id })
  })

  test('contains all consumed subjects', () => {
    const literal = CONTRACT.map(([subject]) => subject).filter(
      (subject) => !subject.startsWith('sequence.enrollment.'),
    )
    expect([...SUBJECTS].sort()).toEqual([...literal, 'sequence.enrollment.*'].sort())
  })

  test.each([
    'pipeline.message.queued',
    'pipeline.message',
    'pipeline.message.sent.again',
    'sequence.enrollment.',
    'sequence.enrollment',
    'sequence.enrollment.a.b',
    'contact.deleted',
    'constructor',
    '',
  ])('does not contain %j', (subject) => {
    expect(findEventDefinition(subject)).toBeUndefined()
    expect(hasInvalidLastToken(subject)).toBe(false)
  })

  test.each(['Paused', 're-engaged', 'x'.repeat(65), 'é', '*', 'a\u0000', 'a\n', ' '])(
    'rejects enrollment events of the kind %j',
    (token) => {
      const subject = `sequence.enrollment.${token}`
      expect([findEventDefinition(subject), hasInvalidLastToken(subject)]).toEqual([undefined, true])
    },
  )

  test('accepts enrollment events of kinds of up to 64 characters', () => {
    const token = 'x'.repeat(64)
    expect(findEventDefinition(`sequence.enrollment.${token}`)?.eventType).toBe(`sequence_enrollment_${token}`)
  })
})

describe('the entity id', () => {
  test('of a run falls back to the workflow, that of a step to the sequence', () => {
    const run = accept(
      { tenantId: 't', timestamp: 1774000000000, data: { workflowId: 'wf' } },
      { subject: 'workflow.run.started' },
    )
    expect(run.row).toMatchObject({ entity_id: 'wf', workflow_id: 'wf' })
    const step = accept(
      { tenantId: 't', timestamp: 1774000000000, data: { sequenceId: 'seq' } },
      { subject: 'sequence.step.executed' },
    )
    expect(step.row).toMatchObject({ entity_id: 'seq', sequence_id: 'seq', enrollment_id: null })
  })

  test('may be a number, which is stored as a text', () => {
    expect(accept(envelope({ messageId: 42, contactId: 0 })).row).toMatchObject({ entity_id: '42', contact_id: '0' })
  })

  test('of a run or an enrollment does not replace the id of the workflow or sequence', () => {
    expect(accept(envelope(IDS), { subject: 'workflow.run.failed' }).row).toMatchObject({
      entity_id: 'run',
      workflow_id: 'wf',
    })
    expect(accept(envelope(IDS), { subject: 'sequence.step.executed' }).row).toMatchObject({
      entity_id: 'enr',
      enrollment_id: 'enr',
      sequence_id: 'seq',
    })
  })
})

test('a run that completed with the status failed is stored as a failed run', () => {
  const typeOf = (status: unknown) =>
    accept(envelope({ ...IDS, status }), { subject: 'workflow.run.completed' }).row.event_type
  expect(typeOf('failed')).toBe('workflow_run_failed')
  expect(typeOf('ok')).toBe('workflow_run_completed')
  expect(typeOf(undefined)).toBe('workflow_run_completed')
  expect(accept(envelope({ ...IDS, status: 'failed' }), { subject: 'workflow.run.started' }).row.event_type).toBe(
    'workflow_run_started',
  )
})
