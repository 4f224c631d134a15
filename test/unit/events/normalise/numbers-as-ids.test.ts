import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { accept, NOW, read } from '../../../support/ingest/event-samples.ts'

/** The row of a message whose `eventId` and `data` are these JSON texts. */
const rowOf = (data: string, eventId = '"e"', subject = 'pipeline.message.sent') =>
  accept(`{"eventId":${eventId},"tenantId":"t1","timestamp":${NOW},"data":${data}}`, { subject }).row

const idOf = (eventId: string) => rowOf('{"messageId":"m"}', eventId).id

describe('an integer as an id', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['42', '42'],
    ['-42', '-42'],
    ['1.0', '1'],
    ['1e3', '1000'],
    ['1.5E+1', '15'],
    ['9007199254740991', '9007199254740991'],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    ['1610521604143693812', '1610521604143693812'],
    ['1610521604143693812.0', '1610521604143693812'],
    ['1610521604143693813e-0', '1610521604143693813'],
    ['12345678901234567891e2', '1234567890123456789100'],
    ['1234567890123456789100e-2', '12345678901234567891'],
    ['1e25', `1${'0'.repeat(25)}`],
    ['9'.repeat(400), '9'.repeat(400)],
  ])('%s is stored as its decimal digits, in every id', (number, digits) => {
    expect(idOf(number)).toBe(idOf(`"${digits}"`))
    const message = `{"messageId":${number},"contactId":${number},"userId":${number},"campaignId":${number},"templateId":${number}}`
    expect(rowOf(message)).toMatchObject({
      ...{ entity_id: digits, contact_id: digits, user_id: digits, campaign_id: digits, source_id: digits },
      ...{ template_id: digits, metadata: '{}' },
    })
    expect(rowOf(`{"messageId":"m","sourceType":"workflow","sourceId":${number}}`).workflow_id).toBe(digits)
    expect(rowOf(`{"enrollmentId":${number},"sequenceId":${number}}`, '"e"', 'sequence.step.executed')).toMatchObject({
      ...{ entity_id: digits, enrollment_id: digits, sequence_id: digits },
    })
    expect(rowOf(`{"runId":${number}}`, '"e"', 'workflow.run.started').entity_id).toBe(digits)
  })

  test('is a different id for each number', () => {
    const number = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n })
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(idOf(String(a)) === idOf(String(b))).toBe(a === b)
        expect(rowOf(`{"messageId":${a}}`).entity_id).toBe(String(a))
      }),
    )
  })

  test('identifies the entity of a name', () => {
    const { names } = accept(
      `{"tenantId":"t1","timestamp":${NOW},"data":{"messageId":"m","campaignId":469827475497783321,"campaignName":"Sale"}}`,
    )
    expect(names).toMatchObject([{ kind: 'campaign', id: '469827475497783321', name: 'Sale' }])
  })
})

describe('a number that is not an integer is not an id', () => {
  test.each(['1.5', '9007199254740992.5', '1610521604143693812.000000001', '1e400'])('%s', (number) => {
    const row = rowOf(`{"messageId":"m","campaignId":${number}}`, number)
    expect([row.campaign_id, row.metadata]).toEqual([null, `{"campaignId":${number}}`])
    // Without an eventId the position in the stream identifies the event.
    expect(idOf(number)).toBe(idOf('null'))
    expect(read(`{"tenantId":"t1","timestamp":${NOW},"data":{"messageId":${number}}}`)).toMatchObject({
      reason: 'missing_entity_id',
    })
  })
})
