/** A slow and literal reading of what an event says about its class, from `data` and then `data.metadata`. Knows nothing of how it is stored. */

export type EventData = Readonly<Record<string, unknown>>

const SCANNERS =
  /barracuda|proofpoint|mimecast|safelinks|ironport|ciscosecureemail|trendmicro|symantec|messagelabs|forcepoint|sophos/i
const BOTS = /python|curl|wget|aiohttp|go-http|okhttp|headless|bot|crawler|spider/i
const IMAGE_PROXIES = /GoogleImageProxy|YahooMailProxy/i

/** What the rules see of one event. */
export interface Evidence {
  readonly flag: 'privacy' | 'prefetch' | 'scanner' | 'bot' | undefined
  readonly isHead: boolean
  readonly isHoneypot: boolean
  readonly isScannerAgent: boolean
  readonly isBotAgent: boolean
  readonly isBareMozilla: boolean
  readonly isGmailPrefetch: boolean
  readonly isImageProxy: boolean
  readonly ip: string | undefined
  readonly isPresent: boolean
  readonly link: string | undefined
}

export function evidenceOf(data: EventData): Evidence {
  const userAgent = firstText(data, 'userAgent', 'user_agent', 'ua', 'useragent')
  const ip = firstText(data, 'ip', 'ipAddress', 'ip_address')
  return {
    flag: flagOf(data),
    isHead: /^HEAD$/i.test(firstText(data, 'method') ?? ''),
    isHoneypot: firstText(data, 'linkRole') === 'honeypot',
    isScannerAgent: SCANNERS.test(userAgent ?? ''),
    isBotAgent: BOTS.test(userAgent ?? ''),
    isBareMozilla: userAgent === 'Mozilla/5.0',
    isGmailPrefetch: /Chrome\/42\.0\.2311\.135 Safari\/537\.36 Edge\/12\.246 Mozilla\/5\.0$(?!\n)/.test(
      userAgent ?? '',
    ),
    isImageProxy: IMAGE_PROXIES.test(userAgent ?? ''),
    ip,
    isPresent: userAgent !== undefined || ip !== undefined,
    link: firstText(data, 'url', 'link'),
  }
}

/** The first of the fields that holds a text, a number or a boolean: all of them in `data`, then all of them in `data.metadata`. */
export function firstText(data: EventData, ...names: readonly string[]): string | undefined {
  for (const fields of levelsOf(data))
    for (const name of names) {
      const value = fields[name]
      if (['string', 'number', 'boolean'].includes(typeof value) && value !== '') return String(value)
    }
  return undefined
}

/** `data` and, if it is an object, `data.metadata`, as maps without a prototype. */
export function levelsOf(data: EventData): readonly EventData[] {
  const { metadata } = data
  const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
  return [data, ...(isObject ? [metadata as EventData] : [])].map(
    (fields) => Object.setPrototypeOf({ ...fields }, null) as EventData,
  )
}

function flagOf(data: EventData): Evidence['flag'] {
  const valueOf = (name: string) =>
    levelsOf(data)
      .map((fields) => fields[name])
      .find((value) => value !== undefined && value !== null)
  const isTrue = (name: string) => [true, 1].includes(valueOf(name) as true) || /^true$/i.test(asText(valueOf(name)))
  const bot = asText(valueOf('bot')).toLowerCase()
  const privacy = [
    'machineOpen',
    'machine_open',
    'sg_machine_open',
    'isPrefetched',
    'is_prefetched',
    'proxyOpen',
    'proxy_open',
  ]
  const isWord = bot !== '' && !['false', 'none', '0'].includes(bot)
  if (privacy.some(isTrue) || bot === 'apple') return 'privacy'
  if (bot === 'gmail') return 'prefetch'
  if (bot === 'generic') return 'scanner'
  if (isWord || ['bot', 'isBot', 'is_bot', 'isSuspectedBot', 'is_suspected_bot_click'].some(isTrue)) return 'bot'
  return undefined
}

const asText = (value: unknown) => (typeof value === 'string' ? value : '')
