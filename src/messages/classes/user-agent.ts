/** What a user agent says about an open or click. */
import { InputBit } from './input-bits.ts'

const SCANNER_WORDS = [
  'barracuda',
  'proofpoint',
  'mimecast',
  'safelinks',
  'ironport',
  'ciscosecureemail',
  'trendmicro',
  'symantec',
  'messagelabs',
  'forcepoint',
  'sophos',
]
const BOT_WORDS = ['python', 'curl', 'wget', 'aiohttp', 'go-http', 'okhttp', 'headless', 'bot', 'crawler', 'spider']
const IMAGE_PROXY_WORDS = ['googleimageproxy', 'yahoomailproxy']
const BARE_MOZILLA = 'Mozilla/5.0'
const GMAIL_PREFETCH = 'Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0'

/** Producers send few distinct user agents, each of them often. */
const MAX_REMEMBERED = 4_096
const MAX_REMEMBERED_LENGTH = 512
let remembered = new Map<string, number>()

/** The bits of a user agent: scannerAgent, botAgent, bareMozilla, gmailPrefetch and imageProxy. */
export function userAgentBits(userAgent: string): number {
  const known = remembered.get(userAgent)
  if (known !== undefined) return known
  const bits = matchUserAgent(userAgent)
  if (userAgent.length > MAX_REMEMBERED_LENGTH) return bits
  if (remembered.size >= MAX_REMEMBERED) remembered = new Map()
  remembered.set(userAgent, bits)
  return bits
}

function matchUserAgent(userAgent: string): number {
  const lowerCase = userAgent.toLowerCase()
  const contains = (word: string) => lowerCase.includes(word)
  return (
    (SCANNER_WORDS.some(contains) ? InputBit.scannerAgent : 0) |
    (BOT_WORDS.some(contains) ? InputBit.botAgent : 0) |
    (IMAGE_PROXY_WORDS.some(contains) ? InputBit.imageProxy : 0) |
    (userAgent === BARE_MOZILLA ? InputBit.bareMozilla : 0) |
    (userAgent.endsWith(GMAIL_PREFETCH) ? InputBit.gmailPrefetch : 0)
  )
}
