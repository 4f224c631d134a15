import { describe, expect, test } from 'bun:test'
import { ENGAGEMENT_COUNTS } from '../../../src/analytics/engagement/engagement-metrics.ts'
import { drillOf } from '../../../src/analytics/drill-down/drill.ts'
import { COUNTS } from '../../../src/analytics/metrics.ts'
import { joinGroups } from '../../../src/web/drill-down/timelines/contact-groups.ts'
import { describeConditions, describeSearch, metricOf } from '../../../src/web/drill-down/describe-drill.ts'
import { maySeeContacts, refuseContacts } from '../../../src/web/drill-down/drill-access.ts'
import { parseShownDrill } from '../../../src/web/drill-down/drill-state.ts'
import { drillsOf } from '../../../src/web/drill-down/drills.ts'
import { formatViewState, parseViewState } from '../../../src/web/state/view-state.ts'

const BODY = { startDate: '2026-10-31T23:00:00.000Z', endDate: '2026-11-30T22:59:59.999Z', timezone: 'Europe/Berlin' }
const DAY_MS = 86_400_000

describe('the address of what is behind a number', () => {
  const drill = {
    path: '/messages/search',
    body: { status: ['delivered'], ...BODY },
    label: 'Delivered, “Sale” & more',
  }

  test('contains the whole search, and the message or contact that is opened from it', () => {
    for (const kind of ['message', 'contact'] as const) {
      const state = { ...parseViewState('?view=messages', 'UTC'), drill, opened: { kind, id: 'a/b ?&=1' } }
      expect(parseViewState(formatViewState(state), 'UTC')).toEqual(state)
    }
  })

  test.each([
    '',
    'null',
    '[]',
    '{',
    '"text"',
    '{"path":"/query","body":{}}',
    '{"path":"/messages/search"}',
    '{"path":"/messages/search","body":null}',
  ])('is ignored where it is no search: %s', (text) => {
    expect(parseShownDrill(text)).toBeUndefined()
  })
})

describe('a search in words', () => {
  const nameOf = (dimension: string, id: string) => (dimension === 'campaign' && id === 'c1' ? 'Sale' : undefined)

  test('says what it counts', () => {
    const messages = (body: object) => ({ path: '/messages/search', body: { ...body } })
    const events = (...eventTypes: string[]) => ({ path: '/events/search', body: { eventTypes } })
    expect([
      describeSearch(messages({ status: ['delivered'] }), 412),
      describeSearch(messages({}), 1),
      describeSearch(messages({ status: ['delivered', 'humanOpened'], not: ['bounced'] }), undefined),
      describeSearch(events('message_opened'), 1_204),
      describeSearch(events('message_opened', 'message_clicked'), 2),
      describeSearch({ ...events('message_opened', 'message_clicked'), label: 'Step 2' }, undefined),
    ]).toEqual([
      '412 messages delivered',
      '1 message sent',
      'Messages delivered, opened by people, not bounced',
      '1,204 opens',
      '2 events',
      'Step 2',
    ])
  })

  test('names its conditions, and dates where it has whole days', () => {
    const filter = {
      and: [
        { dimension: 'campaign', operator: 'in', values: ['c1'] },
        { not: { dimension: 'template', operator: 'exists' } },
        { dimension: 'channel', operator: 'notIn', values: ['email', 'sms'] },
      ],
    }
    const spaces = (texts: string[]) => texts.map((text) => text.replaceAll(/\s/g, ' '))
    expect(spaces(describeConditions({ path: '/events/search', body: { filter, ...BODY } }, 'UTC', nameOf))).toEqual([
      'Campaign Sale',
      'no template',
      'not Channel Email or SMS',
      'Nov 1 – 30, 2026',
    ])
    const cut = { ...BODY, endDate: '2026-11-29T18:30:00.000Z' }
    expect(spaces(describeConditions({ path: '/events/search', body: cut }, 'UTC', nameOf))).toEqual([
      'Nov 1, 2026, 12:00 AM – Nov 29, 2026, 7:30 PM',
    ])
  })

  test('knows the metric of each drill of a count', () => {
    const query = { range: { start: 0, end: DAY_MS }, timezone: 'UTC' }
    const found = [...Object.keys(ENGAGEMENT_COUNTS), ...Object.keys(COUNTS)].flatMap((metric) => {
      const drill = drillOf(metric, query)
      return drill ? [[metric, metricOf(drill)]] : []
    })
    expect(found.length).toBeGreaterThan(25)
    expect(found.filter(([metric, known]) => metric !== known)).toEqual([])
    expect(metricOf({ path: '/messages/search', body: { status: ['sent', 'delivered'] } })).toBeUndefined()
    expect(metricOf({ path: '/messages/search', body: { messageIds: ['m'] } })).toBeUndefined()
  })
})

describe('the searches behind the numbers of a view', () => {
  const filter = { dimension: 'channel', operator: 'in', values: ['email'] } as const
  const drills = drillsOf({ path: '/events/search', body: { eventTypes: ['message_sent'], filter, ...BODY } })

  test('have its filters and lie inside its range', () => {
    const start = Date.parse(BODY.startDate)
    const range = { start: start - DAY_MS, end: start + DAY_MS - 1 }
    expect(drills.of('humanOpens', { value: 3, range, keys: { campaign: 'c1' } })).toEqual({
      path: '/messages/search',
      body: {
        ...BODY,
        status: ['humanOpened'],
        filter: { and: [filter, { dimension: 'campaign', operator: 'in', values: ['c1'] }] },
        endDate: '2026-11-01T22:59:59.999Z',
      },
    })
  })

  test('do not exist for nothing, for distinct counts and outside of the range', () => {
    const earlier = { start: 0, end: DAY_MS }
    expect([
      drills.of('sent', { value: 0 }),
      drills.of('sent', { value: null }),
      drills.of('sent', { value: 1, range: earlier }),
      drills.of('recipients', { value: 1 }),
    ]).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('the permission to see single contacts', () => {
  const credentialOf = (claims: object) => `e30.${btoa(JSON.stringify(claims))}.x`
  const active = (credential: string) => ({ kind: 'active', session: { credential } }) as const

  test('is that of the token, and what the service says of an API key', () => {
    const may = (claims: object) => maySeeContacts(active(credentialOf(claims)))
    expect([
      may({}),
      may({ scope: 'analytics:read' }),
      may({ scope: 'analytics:read analytics:contacts' }),
      may({ scope: 'analytics:admin' }),
    ]).toEqual([true, false, true, true])
    const key = active('a-key')
    expect(maySeeContacts(key)).toBe(true)
    refuseContacts(key.session)
    expect([maySeeContacts(key), maySeeContacts(active('another-key')), maySeeContacts({ kind: 'none' })]).toEqual([
      false,
      true,
      false,
    ])
  })
})

test('the groups of several pages of a contact are joined in the order of their newest events', () => {
  const group = (kind: string, id: string, ...events: string[]) => ({
    kind,
    id,
    events: events.map((each) => ({ id: each })),
  })
  expect(joinGroups([group('message', 'a', '4', '3'), group('run', 'a', '2'), group('message', 'a', '1')])).toEqual([
    group('message', 'a', '4', '3', '1'),
    group('run', 'a', '2'),
  ])
})
