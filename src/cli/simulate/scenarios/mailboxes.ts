/** The mailboxes of the contacts: the domain, the program that people read with, and the product that inspects messages before. */

const APPLE_PROXY = 'Mozilla/5.0'
const YAHOO_PROXY = 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36'
const ANDROID =
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** A product that opens a message on arrival and follows its links. */
export interface Gateway {
  readonly userAgent: string
  readonly method?: 'HEAD'
  /** The share of the inspected messages in which it also follows the hidden link, which people cannot see. */
  readonly hiddenLinkShare?: number
}

export interface Mailbox {
  readonly domain: string
  /** The share of all contacts. */
  readonly share: number
  /** Of the opens of people; many programs load images through a proxy. */
  readonly openUserAgent: string
  readonly clickUserAgent: string
  /** The user agent of a program that loads the images of a message without a reader, and the share of the messages for which it does. */
  readonly prefetch?: { readonly userAgent: string; readonly share: number; readonly isMachineOpen?: boolean }
  readonly gateway?: Gateway
}

const MAILBOXES: readonly Mailbox[] = [
  {
    domain: 'gmail.com',
    share: 0.3,
    openUserAgent: 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
    clickUserAgent: ANDROID,
    prefetch: {
      userAgent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
      share: 0.12,
    },
  },
  {
    domain: 'icloud.com',
    share: 0.18,
    openUserAgent: APPLE_PROXY,
    clickUserAgent: IPHONE,
    prefetch: { userAgent: APPLE_PROXY, share: 0.85, isMachineOpen: true },
  },
  { domain: 'outlook.com', share: 0.22, openUserAgent: WINDOWS, clickUserAgent: WINDOWS },
  {
    domain: 'yahoo.com',
    share: 0.12,
    openUserAgent: YAHOO_PROXY,
    clickUserAgent: IPHONE,
    prefetch: { userAgent: YAHOO_PROXY, share: 0.1 },
  },
  { domain: 'university.example', share: 0.1, openUserAgent: FIREFOX, clickUserAgent: FIREFOX },
  {
    domain: 'northwind.example',
    share: 0.03,
    openUserAgent: WINDOWS,
    clickUserAgent: WINDOWS,
    gateway: { userAgent: 'Mozilla/5.0 (compatible; Proofpoint URL Defense)' },
  },
  {
    domain: 'contoso.example',
    share: 0.02,
    openUserAgent: WINDOWS,
    clickUserAgent: WINDOWS,
    gateway: { userAgent: WINDOWS },
  },
  {
    domain: 'fabrikam.example',
    share: 0.02,
    openUserAgent: WINDOWS,
    clickUserAgent: ANDROID,
    gateway: { userAgent: WINDOWS, method: 'HEAD', hiddenLinkShare: 0.5 },
  },
  {
    domain: 'tailspin.example',
    share: 0.01,
    openUserAgent: FIREFOX,
    clickUserAgent: FIREFOX,
    gateway: { userAgent: 'python-requests/2.32.4' },
  },
]

/** The share of the messages that a gateway inspects: it opens them and follows so many links. */
export const GATEWAY_SHARE = 0.6
export const GATEWAY_CLICKS = { min: 3, max: 5 }

const HASHES = 0x1_0000
/** By the last four digits of a contact's id, so that it needs no memory and a contact keeps its mailbox. */
const mailboxByHash = MAILBOXES.flatMap((mailbox) =>
  Array.from({ length: Math.round(mailbox.share * HASHES) }, () => mailbox),
)

export function mailboxOf(contactId: string): Mailbox {
  const hash = Number.parseInt(contactId.slice(-4), 16) % mailboxByHash.length
  return mailboxByHash[hash] ?? MAILBOXES[0]!
}

const expected = (of: (mailbox: Mailbox) => number) =>
  MAILBOXES.reduce((total, mailbox) => total + mailbox.share * of(mailbox), 0)

/** The average number of opens and clicks of machines per delivered e-mail. */
export const EXPECTED_MACHINE_EVENTS = expected(
  ({ prefetch, gateway }) =>
    (prefetch?.share ?? 0) +
    (gateway === undefined
      ? 0
      : GATEWAY_SHARE * (1 + (GATEWAY_CLICKS.min + GATEWAY_CLICKS.max) / 2 + (gateway.hiddenLinkShare ?? 0))),
)
