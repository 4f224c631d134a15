/**
 * What the rules of the classes read from one event, reduced to a number and a link, so that it is cheap to keep for each event. It depends on this event alone, not on the
 * other events of the message.
 *
 * All inputs are read from the column `metadata`, which holds the fields of `data` and those of the producer's `metadata` and tells the two apart (`collectMetadata`): the
 * result is the same for an event that arrives and for a stored row.
 */
import { isInNetwork, type IpNetwork, parseIpAddress } from '../../base/addresses/ip-address.ts'
import type { JsonObject } from '../../events/event-envelope.ts'
import { INPUT_NAMES } from '../../events/input-names.ts'
import { InputBit } from './input-bits.ts'
import { DATA_PREFIX, ownValue, scalarText, textOf } from '../metadata-fields.ts'
import { FLAG_NAMES, ProviderFlag, providerFlagOf } from './provider-flag.ts'
import { textKey } from '../text-hash.ts'
import { userAgentBits } from './user-agent.ts'

export interface ClassInputs {
  readonly bits: number
  /** A hash that stands for the link; undefined without one. */
  readonly link: string | undefined
}

/** The inputs of an event that has none. */
export const NO_INPUTS: ClassInputs = { bits: 0, link: undefined }
const NO_NETWORKS: readonly IpNetwork[] = []

export const LINK_ROLE = 'linkRole'
const HONEYPOT_ROLE = 'honeypot'
const TEXTS = [INPUT_NAMES.userAgent, INPUT_NAMES.ip, INPUT_NAMES.link, ['method'], [LINK_ROLE]] as const
const [USER_AGENT, IP, LINK, METHOD, ROLE] = [0, 1, 2, 3, 4] as const
/** A flag is an input of its own, after the texts. */
const INPUTS: readonly (readonly string[])[] = [...TEXTS, ...FLAG_NAMES.map((name) => [name])]
/** The names of all fields that are inputs, without the prefix of fields of `data`. */
export const CLASS_INPUT_NAMES: readonly string[] = INPUTS.flat()
const ABSENT = 255
const NO_VALUES: readonly unknown[] = INPUTS.map(() => undefined)

/** By name of a field in `metadata`: its input, and its rank among the fields of that input. Fields of `data` have precedence. */
const PLACES = new Map(
  INPUTS.flatMap((names, input) =>
    names.flatMap((name, rank) => [
      [DATA_PREFIX + name, { input, rank }] as const,
      [name, { input, rank: rank + names.length }] as const,
    ]),
  ),
)

/** Reads the inputs from the parsed `metadata` of a row. `networks` are the scanner networks of the tenant's rules. */
export function readClassInputs(metadata: JsonObject, networks: readonly IpNetwork[] = NO_NETWORKS): ClassInputs {
  const values = readInputs(metadata)
  if (values === undefined) return NO_INPUTS
  const userAgent = scalarText(values[USER_AGENT])
  const ip = scalarText(values[IP])
  let bits = strongestFlag(values)
  if (userAgent !== undefined) bits |= InputBit.evidence | userAgentBits(userAgent)
  if (ip !== undefined) bits |= InputBit.evidence | (isInAnyNetwork(ip, networks) ? InputBit.scannerNetwork : 0)
  if (scalarText(values[METHOD])?.toUpperCase() === 'HEAD') bits |= InputBit.head
  if (values[ROLE] === HONEYPOT_ROLE) bits |= InputBit.honeypot
  const link = scalarText(values[LINK])
  return { bits, link: link === undefined ? undefined : textKey(link) }
}

/** The link of an open or click, from the parsed `metadata` of its row: the text that `ClassInputs.link` stands for. */
export function linkOf(metadata: JsonObject): string | undefined {
  for (const prefix of [DATA_PREFIX, ''])
    for (const name of INPUT_NAMES.link) {
      const link = scalarText(ownValue(metadata, prefix + name))
      if (link !== undefined) return link
    }
  return undefined
}

/** Whether the parsed `metadata` of an event has the role honeypot. */
export function isHoneypot(metadata: JsonObject): boolean {
  return textOf(metadata, LINK_ROLE) === HONEYPOT_ROLE
}

/** The value of each input; undefined when the event has none. */
function readInputs(metadata: JsonObject): readonly unknown[] | undefined {
  let values: unknown[] | undefined
  let ranks: Uint8Array | undefined
  for (const name in metadata) {
    const place = PLACES.get(name)
    if (place === undefined) continue
    const value = metadata[name]
    if (!isPresent(value, place.input)) continue
    if (values === undefined || ranks === undefined) {
      values = NO_VALUES.slice()
      ranks = new Uint8Array(INPUTS.length).fill(ABSENT)
    }
    if (place.rank >= ranks[place.input]!) continue
    ranks[place.input] = place.rank
    values[place.input] = value
  }
  return values
}

/** An empty text is a value of a flag, which does not count, but it is no user agent, IP or link. */
function isPresent(value: unknown, input: number): boolean {
  return input < TEXTS.length ? scalarText(value) !== undefined : value !== null && value !== undefined
}

function strongestFlag(values: readonly unknown[]): number {
  let strongest: number = ProviderFlag.none
  for (let position = 0; position < FLAG_NAMES.length; position++) {
    const value = values[TEXTS.length + position]
    if (value === undefined) continue
    const flag = providerFlagOf(position, value)
    if (flag !== ProviderFlag.none && (strongest === ProviderFlag.none || flag < strongest)) strongest = flag
  }
  return strongest
}

function isInAnyNetwork(ip: string, networks: readonly IpNetwork[]): boolean {
  if (networks.length === 0) return false
  const address = parseIpAddress(ip)
  return address !== undefined && networks.some((network) => isInNetwork(address, network))
}
