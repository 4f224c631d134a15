import { describe, expect, test } from 'bun:test'
import { BOUNCE_CLASSES } from '../../../src/messages/bounce-class.ts'
import { fc } from '../../support/base/properties.ts'
import { NOW } from '../../support/ingest/event-samples.ts'
import { slowBounceClass, slowDomain } from '../../support/oracle/messages/message-classes.ts'
import type { EventData } from '../../support/oracle/messages/message-inputs.ts'
import { anyData, messageEventOf } from '../../support/oracle/messages/message-samples.ts'

const eventOf = (kind: string, data: EventData) =>
  messageEventOf({ id: 'e', kind, at: NOW, data: { messageId: 'm', ...data } })
const bounceClass = (data: EventData) => eventOf('bounced', data).bounceClass
const domain = (data: EventData) => eventOf('sent', data).dimensions?.recipient_domain

describe('the class of a bounce', () => {
  test('is that of a slow calculation, whatever the event contains', () => {
    const classes = new Set<string>()
    fc.assert(
      fc.property(anyData, (given) => {
        const data = JSON.parse(JSON.stringify(given)) as EventData
        const expected = slowBounceClass(data)
        classes.add(expected)
        expect(bounceClass(data)).toBe(expected as never)
      }),
      { numRuns: 1_000 },
    )
    expect([...classes].toSorted()).toEqual(BOUNCE_CLASSES.toSorted())
  })

  test('finds the same codes in texts of digits and points', () => {
    const text = fc.array(fc.constantFrom('4', '5', '2', '1', '.', '.', ' ', '7', '18', 'x'), { maxLength: 14 })
    fc.assert(
      fc.property(text, (parts) => {
        const data = { diagnostic: parts.join('') }
        expect(bounceClass(data)).toBe(slowBounceClass(data) as never)
      }),
      { numRuns: 3_000 },
    )
  })

  test.each([
    ['a word', { bounceType: 'Hard' }, 'hard'],
    ['a word with separators in any case', { reason: 'Manually_De-activated ' }, 'admin'],
    ['a word of the metadata', { metadata: { reason: 'DNS error' } }, 'soft'],
    ['a word of data before that of metadata', { reason: 'blocked', metadata: { reason: 'hard' } }, 'block'],
    [
      'a word of a later field before a code of an earlier one',
      { status: '4.2.2', metadata: { bounceClass: 'x' }, response: 'dropped' },
      'admin',
    ],
    [
      'a code after a word that decides nothing',
      { type: 'undetermined', classification: 'Unclassified', status: '5.1.1' },
      'hard',
    ],
    ['a temporary code', { status: '4.7.1' }, 'soft'],
    ['an address that does not exist', { status: '5.1.10' }, 'hard'],
    ['a full mailbox', { diagnostic: '552 5.2.2 mailbox full' }, 'soft'],
    ['a routing problem', { status: '5.4.14' }, 'soft'],
    ['a policy', { status: '5.7.26' }, 'block'],
    ['a disabled account', { status: '5.7.13' }, 'hard'],
    ['the first code that decides', { diagnostic: '2.1.5 then 5.6.0 then 5.7.1 then 5.1.1' }, 'block'],
    ['an enhanced code before a basic one', { code: 550, status: '4.2.1' }, 'soft'],
    ['no enhanced code in an IP', { diagnostic: 'host 192.4.2.1 said no' }, 'undetermined'],
    ['a basic code as a number', { smtpCode: 550 }, 'hard'],
    ['a basic code at the beginning', { response: '421 try later' }, 'soft'],
    ['no basic code elsewhere', { response: 'error 550' }, 'undetermined'],
    ['another permanent code', { code: '554' }, 'undetermined'],
    ['no longer number', { code: 5501 }, 'undetermined'],
    ['nothing', {}, 'undetermined'],
    ['a list and an object', { status: ['5.1.1'], code: { code: 550 } }, 'undetermined'],
    ['a long text', { diagnostic: `${'x '.repeat(100_000)}5.1.1` }, 'hard'],
  ] as const)('reads %s', (_, data, expected) => {
    expect(bounceClass(data)).toBe(expected)
  })

  test('is read of bounces only', () => {
    expect(eventOf('complained', { type: 'hard' }).bounceClass).toBeUndefined()
  })
})

describe('the domain of a recipient', () => {
  test('is that of a slow calculation, whatever the event contains', () => {
    const domains = new Set<string | null>()
    fc.assert(
      fc.property(anyData, (given) => {
        const data = JSON.parse(JSON.stringify(given)) as EventData
        const expected = slowDomain(data)
        domains.add(expected)
        expect(domain(data)).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
    expect(domains.size).toBeGreaterThan(4)
  })

  test.each([
    [{ recipientDomain: 'Example.COM', email: 'a@b.example' }, 'example.com'],
    [{ to: 'a@b@C.example' }, 'c.example'],
    [{ to: 'nobody', email: 'a@b.example' }, 'b.example'],
    [{ to: 'a@', metadata: { recipient: 'a@b.example' } }, 'b.example'],
    [{ email: 'a@b.example', metadata: { recipientDomain: 'c.example' } }, 'b.example'],
    [{ email: ['a@b.example'] }, null],
    [{}, null],
  ])('of %j is %s', (data, expected) => {
    expect(domain(data)).toBe(expected)
  })
})
