/**
 * The class of a bounce, from what the provider says about it. Sources: the enhanced status codes of RFC 3463 and their registry at IANA, the reply codes of RFC 5321, and the
 * words with which Postmark, Brevo, Mailgun, SendGrid, SparkPost and Amazon SES name bounces in their webhooks. Most x.7.* codes say that a policy of the recipient's server
 * refused the sender; 5.7.13, 5.7.17 and 5.7.18 say that the account is disabled or no longer belongs to the recipient.
 */
import type { JsonObject } from '../events/event-envelope.ts'
import { textOf } from './metadata-fields.ts'

export const BOUNCE_CLASSES = ['hard', 'soft', 'block', 'admin', 'undetermined'] as const
export type BounceClass = (typeof BOUNCE_CLASSES)[number]

/** In the order in which they are read, each in `data` and then in the producer's `metadata`. */
export const BOUNCE_FIELDS = [
  'bounceClass',
  'bounceType',
  'bounce_type',
  'type',
  'classification',
  'reason',
  'status',
  'code',
  'smtpCode',
  'diagnostic',
  'response',
]

const WORDS: Readonly<Partial<Record<BounceClass, readonly string[]>>> = {
  hard: ['hard', 'permanent', 'hardbounce', 'bademailaddress', 'invalidemail', 'invalidaddress'],
  soft: [
    'soft',
    'transient',
    'softbounce',
    'dnserror',
    'mailboxunavailable',
    'technicalfailure',
    'frequencyorvolumetoohigh',
  ],
  block: ['block', 'blocked', 'espblock', 'dmarcpolicy', 'virusnotification', 'reputation', 'content'],
  admin: ['admin', 'dropped', 'manuallydeactivated', 'manualsuppression', 'suppressed'],
}
const classByWord = new Map(
  Object.entries(WORDS).flatMap(([bounceClass, words]) => words.map((word) => [word, bounceClass as BounceClass])),
)

/** An enhanced status code, which is not a part of a longer dotted number such as an address. */
const ENHANCED_CODE = /(?<![\d.])([245])\.(\d)\.(\d{1,3})(?!\d|\.\d)/g
const BASIC_CODE = /^\s*([45]\d\d)(?!\d)/

const HARD_CODES = ['1.1', '1.2', '1.3', '1.4', '1.6', '1.10', '2.1', '2.4', '7.13', '7.17', '7.18']
const SOFT_CODES = ['2.2', '2.3']
const SOFT_SUBJECTS = ['3', '4']
const BLOCK_CODES = ['1.7', '1.8']
const BLOCK_SUBJECT = '7'
const HARD_BASIC_CODES = ['550', '551', '553']

/** The class of a bounce, from the parsed `metadata` of its row. */
export function bounceClassOf(metadata: JsonObject): BounceClass {
  const texts = BOUNCE_FIELDS.map((name) => textOf(metadata, name)).filter((text) => text !== undefined)
  return (
    firstOf(texts, classOfWord) ??
    firstOf(texts, classOfEnhancedCode) ??
    firstOf(texts, classOfBasicCode) ??
    'undetermined'
  )
}

function firstOf(
  texts: readonly string[],
  classOf: (text: string) => BounceClass | undefined,
): BounceClass | undefined {
  for (const text of texts) {
    const found = classOf(text)
    if (found !== undefined) return found
  }
  return undefined
}

function classOfWord(text: string): BounceClass | undefined {
  return classByWord.get(text.toLowerCase().replace(/[\s_-]/g, ''))
}

/** The class of the first code that decides. */
function classOfEnhancedCode(text: string): BounceClass | undefined {
  for (const [, digit, subject = '', detail = ''] of text.matchAll(ENHANCED_CODE)) {
    const found = digit === '4' ? 'soft' : digit === '5' ? classOfPermanentCode(subject, detail) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function classOfPermanentCode(subject: string, detail: string): BounceClass | undefined {
  const code = `${subject}.${Number(detail)}`
  if (HARD_CODES.includes(code)) return 'hard'
  if (SOFT_CODES.includes(code) || SOFT_SUBJECTS.includes(subject)) return 'soft'
  return BLOCK_CODES.includes(code) || subject === BLOCK_SUBJECT ? 'block' : undefined
}

function classOfBasicCode(text: string): BounceClass | undefined {
  const code = BASIC_CODE.exec(text)?.[1]
  if (code === undefined) return undefined
  if (code.startsWith('4')) return 'soft'
  return HARD_BASIC_CODES.includes(code) ? 'hard' : 'undetermined'
}
