import type { Channel } from '../data-set.ts'
import type { Random } from '../random.ts'

/** What a provider says about a bounce, and how often compared with the others. */
interface Bounce {
  readonly weight: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** Reasons of every class: see docs/engagement.md. */
const EMAIL_BOUNCES: readonly Bounce[] = [
  { weight: 30, fields: { type: 'Permanent', status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 user unknown' } },
  { weight: 10, fields: { bounceType: 'HardBounce', reason: 'invalid recipient' } },
  { weight: 6, fields: { status: '5.7.13', diagnostic: 'smtp; 525 5.7.13 account disabled' } },
  { weight: 18, fields: { type: 'Transient', status: '4.2.2', diagnostic: 'smtp; 452 4.2.2 mailbox full' } },
  { weight: 6, fields: { reason: 'DNS error' } },
  { weight: 12, fields: { status: '5.7.1', diagnostic: 'smtp; 554 5.7.1 blocked by policy' } },
  { weight: 5, fields: { classification: 'Reputation', response: '550 sender has a poor reputation' } },
  { weight: 8, fields: { reason: 'suppressed' } },
  { weight: 5, fields: { diagnostic: 'smtp; transaction failed' } },
]
const PHONE_BOUNCES: readonly Bounce[] = [
  { weight: 45, fields: { type: 'permanent', reason: 'unknown subscriber' } },
  { weight: 25, fields: { type: 'transient', reason: 'phone switched off' } },
  { weight: 12, fields: { type: 'blocked', reason: 'opted out' } },
  { weight: 18, fields: { reason: 'device not registered' } },
]

/** Later bounces come from the recipient's own server. */
const LATE_BOUNCES: readonly Bounce[] = [
  { weight: 6, fields: { status: '5.2.2', diagnostic: 'smtp; 552 5.2.2 over quota' } },
  { weight: 4, fields: { status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 no such user' } },
]

export function pickBounce(channel: Channel, random: Random): Readonly<Record<string, unknown>> {
  return pickByWeight(channel === 'email' ? EMAIL_BOUNCES : PHONE_BOUNCES, random)
}

/** Of an e-mail that was delivered first. */
export function pickLateBounce(random: Random): Readonly<Record<string, unknown>> {
  return pickByWeight(LATE_BOUNCES, random)
}

function pickByWeight(bounces: readonly Bounce[], random: Random): Readonly<Record<string, unknown>> {
  let rest = random.fraction() * bounces.reduce((total, { weight }) => total + weight, 0)
  const picked = bounces.find(({ weight }) => (rest -= weight) < 0) ?? bounces[0]!
  return picked.fields
}
