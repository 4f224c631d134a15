/** The rules by which opens and clicks get their classes, with the thresholds that a tenant may change. */
import type { ActorClass } from '../../analytics/engagement/actor-classes.ts'
import type { IpNetwork } from '../../base/addresses/ip-address.ts'

/** Rises when a class of a stored event changes without a change of the configuration: everything stored is classified again. */
export const RULES_VERSION = 1

/** By rule, in the order in which the rules are tried; a `provider_flag` has one of several classes. */
export const ACTOR_REASONS = [
  'provider_flag',
  'honeypot',
  'head',
  'ua_scanner',
  'ua_bot',
  'ua_mpp',
  'ua_gmail_prefetch',
  'proxy_early',
  'before_delivery',
  'burst',
  'too_fast',
  'tenant_cidr',
  'default',
  'no_evidence',
] as const
export type ActorReason = (typeof ACTOR_REASONS)[number]

export interface ActorVerdict {
  readonly actorClass: ActorClass
  readonly actorReason: ActorReason
}

const MACHINE_CLASSES: readonly ActorClass[] = ['privacy', 'prefetch', 'scanner', 'bot']

/** Whether the class says that no person acted. `unknown` does not. */
export function isMachine({ actorClass }: ActorVerdict): boolean {
  return MACHINE_CLASSES.includes(actorClass)
}

/** A threshold: its default, its limits and its unit. */
export interface Threshold {
  readonly default: number
  readonly min: number
  readonly max: number
}

const seconds = (defaultSeconds: number): Threshold => ({ default: defaultSeconds, min: 0, max: 86_400 })

export const THRESHOLDS = {
  /** Seconds around an event of the role honeypot, in which all opens and clicks of its message are a scanner's. */
  honeypotSeconds: seconds(10),
  /** An image proxy that opens earlier than this after the delivery prefetches. */
  proxyEarlySeconds: seconds(60),
  /** An open or click earlier than this before the delivery is a scanner's. */
  beforeDeliverySeconds: seconds(2),
  /** Seconds on either side of a click, in which the distinct links are counted. */
  burstSeconds: seconds(10),
  /** With so many distinct links a click is a scanner's. */
  burstLinks: { default: 3, min: 2, max: 1_000 },
  /** An open or click earlier than this after the delivery is a scanner's. */
  tooFastSeconds: seconds(5),
  /** The same after the sending, where no delivery is known. */
  tooFastAfterSentSeconds: seconds(10),
} as const satisfies Readonly<Record<string, Threshold>>
export type ThresholdName = keyof typeof THRESHOLDS
export const THRESHOLD_NAMES = Object.keys(THRESHOLDS) as ThresholdName[]

export interface ClassRules extends Readonly<Record<ThresholdName, number>> {
  /** Networks whose opens and clicks are a scanner's, unless an earlier rule decides. */
  readonly scannerNetworks: readonly IpNetwork[]
}

export const DEFAULT_RULES: ClassRules = {
  ...(Object.fromEntries(THRESHOLD_NAMES.map((name) => [name, THRESHOLDS[name].default])) as Record<
    ThresholdName,
    number
  >),
  scannerNetworks: [],
}

/** A text that is different for rules that may give different classes. Classes that were stored with another identity are out of date. */
export function rulesIdentity(rules: ClassRules): string {
  const networks = rules.scannerNetworks.map(({ address, prefixLength }) => `${address.toString()}/${prefixLength}`)
  return [RULES_VERSION, ...THRESHOLD_NAMES.map((name) => rules[name]), ...networks].join(' ')
}

/** The rules of each tenant. */
export interface ClassRulesByTenant {
  of(tenantId: string): ClassRules
  /** The text of the configuration that they were read from. */
  readonly text: string
  /** Different for rules that may give some tenant's events different classes. */
  readonly identity: string
}
