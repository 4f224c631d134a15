/**
 * The names under which producers send one and the same input, in the order in which they are read. In `metadata`, where the fields of `data` and those of the producer's
 * own `metadata` stand side by side, they tell which of the two a field comes from: see `collectMetadata`.
 */
import { isText } from './scan/text-bytes.ts'

export const INPUT_NAMES = {
  userAgent: ['userAgent', 'user_agent', 'ua', 'useragent'],
  ip: ['ip', 'ipAddress', 'ip_address'],
  link: ['url', 'link'],
  recipient: ['recipientDomain', 'recipient', 'to', 'email'],
} as const

const LISTS: readonly (readonly string[])[] = Object.values(INPUT_NAMES)
const listByName = new Map(LISTS.flatMap((names) => names.map((name) => [name, names] as const)))

/** All names of the input that has this name; undefined for any other field. */
export function namesOfSameInput(name: string): readonly string[] | undefined {
  return listByName.get(name)
}

const encoder = new TextEncoder()
const NAMES = LISTS.flatMap((names, input) => names.map((name) => ({ bytes: encoder.encode(name), input })))
const namesByLength = Array.from({ length: Math.max(...NAMES.map(({ bytes }) => bytes.length)) + 1 }, (_, length) =>
  NAMES.filter(({ bytes }) => bytes.length === length),
)

/** The number of the input whose name stands from `from` to `to`; -1 for any other field. */
export function inputNamedAt(bytes: Uint8Array, from: number, to: number): number {
  const names = namesByLength[to - from]
  if (names === undefined) return -1
  for (let index = 0; index < names.length; index++)
    if (isText(bytes, from, to, names[index]!.bytes)) return names[index]!.input
  return -1
}
