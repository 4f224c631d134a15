import { describe, expect, test } from 'bun:test'
import {
  ACTOR_REASONS,
  type ClassRules,
  DEFAULT_RULES,
  RULES_VERSION,
  rulesIdentity,
} from '../../../src/messages/classes/class-rules.ts'
import { classifyMessage } from '../../../src/messages/classes/classify-message.ts'
import { classRules } from '../../../src/messages/classes/parse-class-rules.ts'
import { VariableProblem } from '../../../src/base/variables/environment-variable.ts'
import { fc } from '../../support/base/properties.ts'
import { NOW } from '../../support/ingest/event-samples.ts'
import { type SampleEvent, SLOW_DEFAULTS, slowVerdict } from '../../support/oracle/messages/message-classes.ts'
import { anyMessage, messageEventOf } from '../../support/oracle/messages/message-samples.ts'

const PERSON = 'Mozilla/5.0 (iPhone) Mobile/15E148'
const isActor = ({ kind }: SampleEvent) => kind === 'opened' || kind === 'clicked'

/** `class reason` of each event, undefined where it has none. */
function verdictsOf(events: readonly SampleEvent[], rules?: ClassRules): (string | undefined)[] {
  const classified = classifyMessage(
    events.map((event) => messageEventOf(event, rules)),
    rules,
  )
  return classified.map((verdict) => verdict && `${verdict.actorClass} ${verdict.actorReason}`)
}

let nextId = 0
/** An event some seconds after the sending. */
const at = (kind: string, seconds: number, data: object = {}): SampleEvent => ({
  id: `e-${nextId++}`,
  kind,
  at: NOW - 10_000_000 + Math.round(seconds * 1_000),
  data: { messageId: 'm', ...data },
})
const click = (seconds: number, url?: string) =>
  at('clicked', seconds, { ua: PERSON, ...(url === undefined ? {} : { url }) })
const open = (seconds: number, ua: string | undefined = PERSON) => at('opened', seconds, { ua })

/** The verdict on the last event. */
const lastOf = (...events: readonly SampleEvent[]) => verdictsOf(events).at(-1)
const started = [at('sent', 0), at('delivered', 100)]

describe('the classes of a message', () => {
  test('are those of a slow calculation, whatever its events are', () => {
    const reasons = new Set<string>()
    fc.assert(
      fc.property(anyMessage, (events) => {
        const expected = events.map((event) => (isActor(event) ? slowVerdict(event, events) : undefined))
        for (const verdict of expected) if (verdict !== undefined) reasons.add(verdict.split(' ')[1]!)
        expect(verdictsOf(events)).toEqual(expected)
      }),
      { numRuns: 900 },
    )
    // The rule of the networks needs a configuration.
    expect([...reasons].toSorted()).toEqual(ACTOR_REASONS.filter((reason) => reason !== 'tenant_cidr').toSorted())
  })

  test('follow other thresholds', () => {
    const rules: ClassRules = {
      ...DEFAULT_RULES,
      honeypotSeconds: 3,
      proxyEarlySeconds: 4_000,
      beforeDeliverySeconds: 5,
      burstSeconds: 4.999,
      burstLinks: 2,
      tooFastSeconds: 0,
      tooFastAfterSentSeconds: 15,
    }
    const slowRules = {
      ...SLOW_DEFAULTS,
      honeypot: 3,
      proxyEarly: 4_000,
      beforeDelivery: 5,
      burst: 4.999,
      links: 2,
      tooFast: 0,
      tooFastAfterSent: 15,
    }
    fc.assert(
      fc.property(anyMessage, (events) => {
        const expected = events.map((event) => (isActor(event) ? slowVerdict(event, events, slowRules) : undefined))
        expect(verdictsOf(events, rules)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('do not depend on the order of the events', () => {
    fc.assert(
      fc.property(
        anyMessage.chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray([...events], { minLength: events.length })),
        ),
        ([events, shuffled]) => {
          const byId = new Map(verdictsOf(shuffled).map((verdict, index) => [shuffled[index]!.id, verdict]))
          expect(verdictsOf(events)).toEqual(events.map(({ id }) => byId.get(id)))
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each([
    ['an open of a person', [...started, open(200)], 'human default'],
    ['an open without evidence', [...started, at('opened', 200)], 'unknown no_evidence'],
    [
      'an open 10 s after a honeypot',
      [...started, at('clicked', 190, { linkRole: 'honeypot' }), open(200)],
      'scanner honeypot',
    ],
    [
      'an open 10.001 s after a honeypot',
      [...started, at('clicked', 189.999, { linkRole: 'honeypot' }), open(200)],
      'human default',
    ],
    [
      'an open near a honeypot of another kind',
      [...started, at('complained', 205, { metadata: { linkRole: 'honeypot' } }), open(200)],
      'scanner honeypot',
    ],
    ['an early open by an image proxy', [...started, open(159.999, 'x GoogleImageProxy')], 'prefetch proxy_early'],
    ['a late open by an image proxy', [...started, open(160, 'x GoogleImageProxy')], 'human default'],
    ['a click by an image proxy', [...started, at('clicked', 130, { ua: 'GoogleImageProxy' })], 'human default'],
    ['an open by an image proxy without a start', [open(0, 'YahooMailProxy')], 'human default'],
    ['an open 2 s before the delivery', [...started, open(98)], 'scanner too_fast'],
    ['an open 2.001 s before the delivery', [...started, open(97.999)], 'scanner before_delivery'],
    ['an open 5 s after the first of two deliveries', [...started, at('delivered', 104), open(105)], 'human default'],
    ['an open 9.999 s after the sending', [at('sent', 0), open(9.999)], 'scanner too_fast'],
    ['an open 10 s after the sending', [at('sent', 0), open(10)], 'human default'],
    ['a click among three links', [...started, click(200, 'a'), click(210, 'c'), click(205, 'b')], 'scanner burst'],
    [
      'a click among three links without one of its own',
      [...started, click(200, 'a'), click(210, 'c'), click(204, 'b'), click(205)],
      'scanner burst',
    ],
    [
      'a click among two links',
      [...started, click(200, 'a'), click(210, 'c'), click(205, 'a'), click(206)],
      'human default',
    ],
    [
      'a click 10.001 s after the third link',
      [...started, click(200, 'a'), click(205, 'b'), click(210.001, 'c')],
      'human default',
    ],
    [
      'an open among three links',
      [...started, click(200, 'a'), click(210, 'c'), click(204, 'b'), open(205)],
      'human default',
    ],
  ] as const)('take %s for %3$s', (_, events, expected) => {
    expect(lastOf(...events)).toBe(expected)
  })

  test('are found among many clicks near each other', () => {
    const clicks = Array.from({ length: 50_000 }, (_, index) => ({
      kind: 'clicked',
      occurredAt: NOW + (index % 9_000),
      inputs: { bits: 0, link: `https://a.example/${index % 2}` },
    }))
    expect(new Set(classifyMessage(clicks))).toEqual(new Set([{ actorClass: 'unknown', actorReason: 'no_evidence' }]))
  })
})

describe('the configuration of the rules', () => {
  const parse = (rules: unknown) => classRules.parse(typeof rules === 'string' ? rules : JSON.stringify(rules))
  const rulesOf = (rules: unknown, tenantId: string) => {
    const parsed = parse(rules)
    if (parsed instanceof VariableProblem) throw new Error(parsed.sentence)
    return parsed.of(tenantId)
  }

  test('completes what a tenant does not name', () => {
    const given = { default: { tooFastSeconds: 3 }, tenants: { t1: { burstLinks: 5 }, t2: { tooFastSeconds: 0.5 } } }
    expect(rulesOf(given, 't1')).toEqual({ ...DEFAULT_RULES, tooFastSeconds: 3, burstLinks: 5 })
    expect(rulesOf(given, 't2')).toEqual({ ...DEFAULT_RULES, tooFastSeconds: 0.5 })
    expect(rulesOf(given, 'other')).toEqual({ ...DEFAULT_RULES, tooFastSeconds: 3 })
    expect(rulesOf({}, 'other')).toEqual(DEFAULT_RULES)
  })

  test('has another identity wherever the rules differ', () => {
    const rules = [
      {},
      { tooFastSeconds: 3 },
      { burstLinks: 4 },
      { scannerNetworks: ['192.0.2.0/24'] },
      { scannerNetworks: ['192.0.2.0/25'] },
    ]
    const identities = rules.map((given) => rulesIdentity(rulesOf({ default: given }, 't1')))
    expect(new Set(identities).size).toBe(rules.length)
    expect(identities[0]).toBe(rulesIdentity(DEFAULT_RULES))
    expect(identities[0]).toStartWith(`${RULES_VERSION} `)
  })

  test('makes a network that of a scanner, unless an earlier rule decides', () => {
    const rules = rulesOf({ tenants: { t1: { scannerNetworks: ['192.0.2.0/24', '2001:db8::/32'] } } }, 't1')
    const from = (ip: string, seconds = 200) => verdictsOf([...started, at('clicked', seconds, { ip })], rules).at(-1)
    expect(from('192.0.2.1')).toBe('scanner tenant_cidr')
    expect(from('2001:db8::1')).toBe('scanner tenant_cidr')
    expect(from('192.0.2.1', 101)).toBe('scanner too_fast')
    expect(from('192.0.3.1')).toBe('human default')
  })

  test.each([
    ['{', 'must be a JSON object such as'],
    ['[]', 'must be a JSON object.'],
    [{ defaults: {} }, 'must hold no other fields than default, tenants.'],
    [{ default: { fast: 1 } }, 'must hold no other fields than default.honeypotSeconds,'],
    [{ default: { tooFastSeconds: '3' } }, 'must hold a number from 0 to 86400 in default.tooFastSeconds.'],
    [{ default: { tooFastSeconds: -1 } }, 'must hold a number from 0 to 86400 in default.tooFastSeconds.'],
    [{ tenants: { t1: { burstLinks: 2.5 } } }, 'must hold a whole number from 2 to 1000 in tenants.t1.burstLinks.'],
    [{ tenants: { t1: { burstLinks: 1 } } }, 'must hold a whole number from 2 to 1000 in tenants.t1.burstLinks.'],
    [{ tenants: { t1: 5 } }, 'must hold an object in tenants.t1.'],
    [{ tenants: [] }, 'must hold an object in tenants.'],
    [{ tenants: { 'a/b': {} } }, 'has an invalid tenant id in tenants.'],
    [{ tenants: { t1: { scannerNetworks: ['192.0.2.1/24'] } } }, 'in tenants.t1.scannerNetworks.'],
    [{ default: { scannerNetworks: '192.0.2.0/24' } }, 'must hold a list of at most 1000 networks such as'],
    [{ default: null, tenants: { t1: { scannerNetworks: [5] } } }, 'in tenants.t1.scannerNetworks.'],
  ])('refuses %j', (given, sentence) => {
    const problem = parse(given)
    expect(problem).toBeInstanceOf(VariableProblem)
    expect((problem as VariableProblem).sentence).toContain(sentence)
  })
})
