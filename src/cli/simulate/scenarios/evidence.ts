import type { TenantKind } from '../names.ts'

/** What an open or click says about who acted. */
export interface Evidence {
  readonly userAgent: string
  readonly ip: string
  readonly url?: string
  readonly others?: Readonly<Record<string, unknown>>
}

/** Fields of `data` and of its `metadata`. */
export interface EvidenceFields {
  readonly fields: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}

const NO_FIELDS = {}

/** Names and places of the fields, as the providers of different tenants choose them. */
export function evidenceFields(kind: TenantKind, { userAgent, ip, url, others }: Evidence): EvidenceFields {
  const link = url === undefined ? NO_FIELDS : { url }
  if (kind === 'shop')
    return {
      fields: NO_FIELDS,
      metadata: {
        user_agent: userAgent,
        ip_address: ip,
        ...(url === undefined ? NO_FIELDS : { link: url }),
        ...others,
      },
    }
  if (kind === 'software') return { fields: link, metadata: { ua: userAgent, ip, ...others } }
  return { fields: { userAgent, ip, ...link, ...others }, metadata: NO_FIELDS }
}

const linksOfSite = (site: string, pages: readonly string[]) => pages.map((page) => `https://${site}.example${page}`)

/** The links of a message, the main one first. */
export const LINKS: Readonly<Record<TenantKind, readonly string[]>> = {
  alumni: linksOfSite('alumni', ['/register', '/give', '/stories', '/directory', '/contact']),
  shop: linksOfSite('shop', ['/offer', '/cart', '/new', '/orders', '/stores']),
  software: linksOfSite('app', ['/sign-in', '/upgrade', '/release-notes', '/docs', '/webinar']),
}

/** A link that people cannot see. */
export const HIDDEN_LINK = 'https://links.example/do-not-follow'
