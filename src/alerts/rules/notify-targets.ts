/** Who is told: addresses of e-mails and of webhooks, as far as they can be checked without a connection. */
import { isPublicAddress, parseIpAddress } from '../../base/addresses/ip-address.ts'
import { isMailAddress } from '../../base/addresses/mail-address.ts'
import type { FailureDetail } from '../../base/errors.ts'
import type { NotifyBody } from './rule-schema.ts'

export interface NotifyRules {
  /** Whether webhooks may reach private and loopback addresses. */
  readonly allowsPrivateWebhooks: boolean
  /** The addresses of webhooks whose secret is stored already, so that a body may leave it out. */
  readonly knownWebhooks?: ReadonlySet<string>
  /** Whether a webhook may lack its secret: nobody is told. */
  readonly isBacktest?: boolean
}

export function notifyMistakes(
  { emails = [], webhooks = [] }: NotifyBody = {},
  { allowsPrivateWebhooks, knownWebhooks, isBacktest }: NotifyRules,
  path: string,
): FailureDetail[] {
  return [
    ...emails.flatMap((address, index) =>
      isMailAddress(address) ? [] : [{ path: `${path}.emails[${index}]`, message: 'Expected an e-mail address.' }],
    ),
    ...webhooks.flatMap(({ url, secret }, index) => {
      const problem = webhookProblem(url, allowsPrivateWebhooks)
      if (problem !== undefined) return [{ path: `${path}.webhooks[${index}].url`, message: problem }]
      if (webhooks.findIndex((each) => each.url === url) < index)
        return [{ path: `${path}.webhooks[${index}].url`, message: 'Given twice.' }]
      return secret !== undefined || isBacktest || knownWebhooks?.has(url)
        ? []
        : [{ path: `${path}.webhooks[${index}].secret`, message: 'A new webhook needs a secret.' }]
    }),
  ]
}

/** What is wrong with the address of a webhook. A name is resolved, and its addresses are checked, when it is called. */
function webhookProblem(text: string, allowsPrivate: boolean): string | undefined {
  // The parser leaves white space and control characters out.
  if (!URL.canParse(text) || /[\p{Cc}\s]/u.test(text)) return 'Expected an address such as https://example.com/alerts.'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'Expected an address with https or http.'
  if (url.username !== '' || url.password !== '') return 'The address may not contain credentials.'
  if (allowsPrivate) return undefined
  const host = url.hostname.replace(/\.$/, '')
  const address = parseIpAddress(host.replace(/^\[|\]$/g, ''))
  const isPrivate = address ? !isPublicAddress(address) : host === 'localhost' || host.endsWith('.localhost')
  return isPrivate ? 'Private and loopback addresses are not allowed.' : undefined
}
