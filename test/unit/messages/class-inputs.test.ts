import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../../src/events/event-envelope.ts'
import { Rejection } from '../../../src/events/rejection.ts'
import { parseIpNetwork } from '../../../src/base/addresses/ip-address.ts'
import { readClassInputs } from '../../../src/messages/classes/class-inputs.ts'
import { InputBit } from '../../../src/messages/classes/input-bits.ts'
import { ProviderFlag } from '../../../src/messages/classes/provider-flag.ts'
import { textKey } from '../../../src/messages/text-hash.ts'
import { fc } from '../../support/base/properties.ts'
import { accept, NOW, read } from '../../support/ingest/event-samples.ts'
import { type EventData, type Evidence, evidenceOf } from '../../support/oracle/messages/message-inputs.ts'
import { anyData } from '../../support/oracle/messages/message-samples.ts'

const SUBJECT = 'pipeline.message.clicked'

/** The inputs as they are read from the row that the event becomes. */
function stored(data: object, networks: readonly string[] = []) {
  const { row } = accept({ tenantId: 't1', timestamp: NOW, data: { messageId: 'm', ...data } }, { subject: SUBJECT })
  return readClassInputs(
    JSON.parse(row.metadata) as JsonObject,
    networks.map((text) => parseIpNetwork(text)!),
  )
}

const flagOf = (data: object) => stored(data).bits & InputBit.providerFlag
const hasBit = (data: object, bit: number) => (stored(data).bits & bit) !== 0

function inputsOf({ flag, link, ...evidence }: Evidence) {
  const bits: [boolean, number][] = [
    [evidence.isHead, InputBit.head],
    [evidence.isHoneypot, InputBit.honeypot],
    [evidence.isScannerAgent, InputBit.scannerAgent],
    [evidence.isBotAgent, InputBit.botAgent],
    [evidence.isBareMozilla, InputBit.bareMozilla],
    [evidence.isGmailPrefetch, InputBit.gmailPrefetch],
    [evidence.isImageProxy, InputBit.imageProxy],
    [evidence.isPresent, InputBit.evidence],
  ]
  return {
    bits: bits.reduce<number>((all, [isSet, bit]) => all | (isSet ? bit : 0), ProviderFlag[flag ?? 'none']),
    link,
  }
}

describe('the inputs of a class', () => {
  test('are the same, read from data and from the stored row, whatever the event contains', () => {
    let withInputs = 0
    fc.assert(
      fc.property(anyData, (data: EventData) => {
        const event = read(JSON.stringify({ tenantId: 't1', timestamp: NOW, data }), { subject: SUBJECT })
        if (event instanceof Rejection) return
        const found = readClassInputs(JSON.parse(event.row.metadata) as JsonObject)
        const expected = inputsOf(evidenceOf(JSON.parse(JSON.stringify(data)) as EventData))
        if (expected.bits !== 0) withInputs++
        expect(found).toEqual({
          bits: expected.bits,
          link: expected.link === undefined ? undefined : textKey(expected.link),
        })
      }),
      { numRuns: 2_000 },
    )
    expect(withInputs).toBeGreaterThan(700)
  })

  test('are none without a field that is an input', () => {
    expect(stored({ device: 'iPhone', metadata: { locale: 'en' } })).toEqual({ bits: 0, link: undefined })
  })

  test.each([
    ['a name of data before any of metadata', { ua: 'x', metadata: { userAgent: 'curl' } }, 0],
    ['the first name of data', { useragent: 'x', ua: 'curl' }, InputBit.botAgent],
    [
      'metadata where data holds null or an empty text',
      { ua: null, userAgent: '', metadata: { ua: 'curl' } },
      InputBit.botAgent,
    ],
    ['metadata where data holds a list', { ua: ['x'], metadata: { ua: 'curl' } }, InputBit.botAgent],
    ['a number as its digits', { ua: 5 }, 0],
    ['words in any case', { user_agent: 'My-CRAWLER' }, InputBit.botAgent],
    ['both kinds of words', { ua: 'python Barracuda' }, InputBit.botAgent | InputBit.scannerAgent],
    ['a long text', { ua: `${'x'.repeat(100_000)}Sophos` }, InputBit.scannerAgent],
  ])('use %s as the user agent', (_, data, bits) => {
    expect(stored(data).bits).toBe(bits | InputBit.evidence)
  })

  test('tell the two exact user agents from similar ones', () => {
    const gmail = 'Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0'
    expect(hasBit({ ua: 'Mozilla/5.0' }, InputBit.bareMozilla)).toBe(true)
    expect(hasBit({ ua: 'mozilla/5.0' }, InputBit.bareMozilla)).toBe(false)
    expect(hasBit({ ua: 'Mozilla/5.0 ' }, InputBit.bareMozilla)).toBe(false)
    expect(hasBit({ ua: `Mozilla/5.0 ${gmail}` }, InputBit.gmailPrefetch)).toBe(true)
    expect(hasBit({ ua: `${gmail} x` }, InputBit.gmailPrefetch)).toBe(false)
    expect(hasBit({ ua: gmail.toLowerCase() }, InputBit.gmailPrefetch)).toBe(false)
  })

  test.each([
    [{ machineOpen: true }, 'privacy'],
    [{ metadata: { sg_machine_open: 'TRUE' } }, 'privacy'],
    [{ proxy_open: 1 }, 'privacy'],
    [{ proxy_open: '1' }, 'none'],
    [{ machineOpen: [true] }, 'none'],
    [{ machineOpen: false, metadata: { machineOpen: true } }, 'none'],
    [{ machineOpen: '', metadata: { machineOpen: true } }, 'none'],
    [{ machineOpen: null, metadata: { machineOpen: true } }, 'privacy'],
    [{ machineOpen: false, metadata: { machine_open: true } }, 'privacy'],
    [{ bot: 'Apple' }, 'privacy'],
    [{ bot: 'gmail', isBot: true }, 'prefetch'],
    [{ bot: 'Generic', is_bot: 1 }, 'scanner'],
    [{ bot: 'gmail', is_prefetched: true }, 'privacy'],
    [{ bot: 'something' }, 'bot'],
    [{ bot: true }, 'bot'],
    [{ bot: 2 }, 'none'],
    [{ bot: 'None' }, 'none'],
    [{ bot: 'False', isSuspectedBot: 'true' }, 'bot'],
    [{ bot: '0' }, 'none'],
    [{ isBot: 'apple' }, 'none'],
    [{ data: { isBot: true }, metadata: { metadata: { isBot: true } } }, 'none'],
  ] as const)('take the flags of %j for %s', (data, flag) => {
    expect(flagOf(data)).toBe(ProviderFlag[flag])
  })

  test('know the networks of the tenant', () => {
    const isKnown = (ip: unknown) =>
      (stored({ ip }, ['192.0.2.0/24', '2001:db8::/32']).bits & InputBit.scannerNetwork) !== 0
    expect(['192.0.2.7', '::ffff:192.0.2.7', '2001:DB8::1'].map(isKnown)).toEqual([true, true, true])
    expect(['192.0.3.7', '192.0.2.7:80', 'x', 5, '2001:db9::1'].map(isKnown)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ])
    expect(stored({ ip: '192.0.2.7' }).bits).toBe(InputBit.evidence)
  })
})
