/** A slow and literal calculation of what became of a message, from the events that were sent: classes, bounce classes and facts. */
import { type EventData, evidenceOf, firstText, levelsOf } from './message-inputs.ts'

/** An event of a message, as it was sent. */
export interface SampleEvent {
  readonly id: string
  /** The event type without `message_`. */
  readonly kind: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly data: EventData
}

export interface SlowRules {
  readonly honeypot: number
  readonly proxyEarly: number
  readonly beforeDelivery: number
  readonly burst: number
  readonly links: number
  readonly tooFast: number
  readonly tooFastAfterSent: number
}

/** Seconds, and a number of links. */
export const SLOW_DEFAULTS: SlowRules = {
  honeypot: 10,
  proxyEarly: 60,
  beforeDelivery: 2,
  burst: 10,
  links: 3,
  tooFast: 5,
  tooFastAfterSent: 10,
}

const instantsOf = (events: readonly SampleEvent[], kind: string) =>
  events.filter((event) => event.kind === kind).map(({ at }) => at)
const secondsBetween = (a: number, b: number) => (b - a) / 1_000

/** `class reason` of an open or click among all events of its message. */
export function slowVerdict(event: SampleEvent, events: readonly SampleEvent[], rules = SLOW_DEFAULTS): string {
  const evidence = evidenceOf(event.data)
  const isOpen = event.kind === 'opened'
  const delivered = Math.min(...instantsOf(events, 'delivered'))
  const sent = Math.min(...instantsOf(events, 'sent'))
  const start = Number.isFinite(delivered) ? delivered : sent
  const sinceStart = Number.isFinite(start) ? secondsBetween(start, event.at) : NaN
  const within = (seconds: number) => events.filter((other) => Math.abs(secondsBetween(other.at, event.at)) <= seconds)
  const links = within(rules.burst)
    .filter(({ kind }) => kind === 'clicked')
    .map(({ data }) => evidenceOf(data).link)
  const hasHoneypot = within(rules.honeypot).some(({ data }) => evidenceOf(data).isHoneypot)
  const tooFast = Number.isFinite(delivered) ? rules.tooFast : rules.tooFastAfterSent
  const matches: readonly (readonly [boolean, string])[] = [
    [evidence.flag !== undefined, `${evidence.flag} provider_flag`],
    [hasHoneypot, 'scanner honeypot'],
    [evidence.isHead, 'scanner head'],
    [evidence.isScannerAgent, 'scanner ua_scanner'],
    [evidence.isBotAgent, 'bot ua_bot'],
    [isOpen && evidence.isBareMozilla, 'privacy ua_mpp'],
    [isOpen && evidence.isGmailPrefetch, 'prefetch ua_gmail_prefetch'],
    [isOpen && evidence.isImageProxy && sinceStart < rules.proxyEarly, 'prefetch proxy_early'],
    [
      Number.isFinite(delivered) && secondsBetween(event.at, delivered) > rules.beforeDelivery,
      'scanner before_delivery',
    ],
    [!isOpen && new Set(links.filter((link) => link !== undefined)).size >= rules.links, 'scanner burst'],
    [sinceStart < tooFast, 'scanner too_fast'],
    [evidence.isPresent, 'human default'],
  ]
  return matches.find(([isMatch]) => isMatch)?.[1] ?? 'unknown no_evidence'
}

const BOUNCE_FIELDS =
  'bounceClass bounceType bounce_type type classification reason status code smtpCode diagnostic response'.split(' ')
const BOUNCE_WORDS: Readonly<Record<string, RegExp>> = {
  hard: /^(hard|permanent|hardbounce|bademailaddress|invalidemail|invalidaddress)$/,
  soft: /^(soft|transient|softbounce|dnserror|mailboxunavailable|technicalfailure|frequencyorvolumetoohigh)$/,
  block: /^(block|blocked|espblock|dmarcpolicy|virusnotification|reputation|content)$/,
  admin: /^(admin|dropped|manuallydeactivated|manualsuppression|suppressed)$/,
}
const ENHANCED: readonly (readonly [RegExp, string])[] = [
  [/^4\./, 'soft'],
  [/^5\.(1\.(1|2|3|4|6|10)|2\.(1|4)|7\.(13|17|18))$/, 'hard'],
  [/^5\.(2\.(2|3)|3\.\d+|4\.\d+)$/, 'soft'],
  [/^5\.(1\.(7|8)|7\.\d+)$/, 'block'],
]

export function slowBounceClass(data: EventData): string {
  const texts = BOUNCE_FIELDS.map((name) => firstText(data, name)).filter((text) => text !== undefined)
  for (const text of texts)
    for (const [bounceClass, word] of Object.entries(BOUNCE_WORDS))
      if (word.test(text.toLowerCase().replaceAll(/[\s_-]/g, ''))) return bounceClass
  for (const text of texts)
    // Runs of digits and points: a code is such a run of its own, perhaps with the point of a sentence after it.
    for (const [run] of text.matchAll(/[\d.]+/g)) {
      const code = run.replace(/\.+$/, '')
      if (!/^[245]\.\d\.\d{1,3}$/.test(code)) continue
      const normal = code.replace(/\.0+(\d+)$/, '.$1')
      const found = ENHANCED.find(([pattern]) => pattern.test(normal))
      if (found) return found[1]
    }
  for (const text of texts) {
    const digits = /^\d+/.exec(text.trimStart())?.[0] ?? ''
    if (/^4\d\d$/.test(digits)) return 'soft'
    if (['550', '551', '553'].includes(digits)) return 'hard'
    if (/^5\d\d$/.test(digits)) return 'undetermined'
  }
  return 'undetermined'
}

export function slowDomain(data: EventData): string | null {
  for (const fields of levelsOf(data)) {
    const textIn = (name: string) => firstText({ value: fields[name] }, 'value')
    const domain = textIn('recipientDomain')
    if (domain !== undefined) return domain.toLowerCase()
    for (const name of ['recipient', 'to', 'email']) {
      const parts = (textIn(name) ?? '').split('@')
      if (parts.length > 1 && parts.at(-1) !== '') return parts.at(-1)!.toLowerCase()
    }
  }
  return null
}
