import { Elysia } from 'elysia'
import type { Clock } from '../../base/clock.ts'
import {
  createDevelopmentTokenIssuer,
  type DevelopmentSignIn,
  SIGN_IN_CODE_HEADER,
} from '../auth/development-sign-in.ts'
import { fileNotFound, notFound } from '../pipeline/routing/route-table.ts'
import { ROUTES } from '../routes.ts'
import type { Asset } from '../sending/assets.ts'
import type { ResponseSender } from '../sending/response-sender.ts'

/** The page of dashboards and its assets, whose names change with their contents. */
export interface PageFiles {
  /** For `/dashboard`. Its addresses are relative, as a reverse proxy may add a prefix. */
  readonly page: Asset
  /** The same for `/dashboard/`. */
  readonly pageInFolder: Asset
  readonly assets: ReadonlyMap<string, Asset>
}

/** The parts of the page that the platform provides. */
export interface PageDependencies {
  /** The page's files. Rejects with an ApiFailure while there are none. */
  readonly files: () => Promise<PageFiles>
  /** Undefined = there are no sign-in links. */
  readonly development: DevelopmentSignIn | undefined
}

/** Everything comes from the service itself, nothing is inline, and Trusted Types are required, so that no text can become markup. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

/** The headers of the page besides those of every response. */
export const PAGE_HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
}
/** The same for its assets, whose names change with their contents. */
export const ASSET_HEADERS = { 'cache-control': 'public, max-age=31536000, immutable' }

/** The page of dashboards, which is public as it holds no data, and the token that it gets for the code of a sign-in link. */
export const pageRoutes = ({ files, development }: PageDependencies, clock: Clock, sender: ResponseSender) => {
  const issueToken = development && createDevelopmentTokenIssuer(development.key, clock)
  return new Elysia({ detail: { hide: true } })
    .get(`${ROUTES.page.path}/`, async ({ request }) => {
      const { page, pageInFolder } = await files()
      const isInFolder = new URL(request.url).pathname.endsWith('/')
      return sender.sendAsset(request, isInFolder ? pageInFolder : page, PAGE_HEADERS)
    })
    .get(ROUTES.pageAsset.path, async ({ params: { name }, request }) => {
      const file = (await files()).assets.get(name)
      if (!file) throw fileNotFound()
      return sender.sendAsset(request, file, ASSET_HEADERS)
    })
    .post(ROUTES.signIn.path, async ({ request }) => {
      // The same response as for an unknown path, so that it does not reveal whether sign-in links exist.
      if (!issueToken || !development.redeem(request.headers.get(SIGN_IN_CODE_HEADER) ?? '')) throw notFound()
      return Response.json({ success: true, data: await issueToken() })
    })
}

/** The icon, at the address where browsers request it for every page and for JSON. */
export const iconRoute = ({ files }: PageDependencies, sender: ResponseSender) =>
  new Elysia({ detail: { hide: true } }).get(ROUTES.icon.path, async ({ request }) => {
    const icon = [...(await files()).assets].find(([name]) => name.endsWith('.svg'))?.[1]
    if (!icon) throw notFound()
    return sender.sendAsset(request, icon, { 'cache-control': 'public, max-age=86400' })
  })
