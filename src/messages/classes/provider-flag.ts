/** What a provider's own flags say about an open or click. */

/** The class that the flags give; of several the least counts. */
export const ProviderFlag = { none: 0, privacy: 1, prefetch: 2, scanner: 3, bot: 4 } as const

const PRIVACY_FLAGS = [
  'machineOpen',
  'machine_open',
  'sg_machine_open',
  'isPrefetched',
  'is_prefetched',
  'proxyOpen',
  'proxy_open',
]
const BOT_FLAGS = ['isBot', 'is_bot', 'isSuspectedBot', 'is_suspected_bot_click']
/** The field `bot` holds a word or a flag. */
const BOT_WORD = 'bot'
export const FLAG_NAMES = [...PRIVACY_FLAGS, ...BOT_FLAGS, BOT_WORD]

const WORD_FLAGS: ReadonlyMap<string, number> = new Map([
  ['apple', ProviderFlag.privacy],
  ['gmail', ProviderFlag.prefetch],
  ['generic', ProviderFlag.scanner],
  ['', ProviderFlag.none],
  ['false', ProviderFlag.none],
  ['none', ProviderFlag.none],
  ['0', ProviderFlag.none],
])

/** What a single flag says: the flag with this position in FLAG_NAMES. */
export function providerFlagOf(position: number, value: unknown): number {
  if (position === FLAG_NAMES.length - 1 && typeof value === 'string')
    return WORD_FLAGS.get(value.toLowerCase()) ?? ProviderFlag.bot
  if (!isSet(value)) return ProviderFlag.none
  return position < PRIVACY_FLAGS.length ? ProviderFlag.privacy : ProviderFlag.bot
}

function isSet(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && value.toLowerCase() === 'true')
}
