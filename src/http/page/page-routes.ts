import { Elysia } from 'elysia'
import type { Clock } from '../../base/clock.ts'
import { ApiFailure } from '../../base/errors.ts'
import {
  createDevelopmentTokenIssuer,
  type DevelopmentSignIn,
  SIGN_IN_CODE_HEADER,
} from '../auth/development-sign-in.ts'
import { notFound } from '../pipeline/route-table.ts'
import type { Asset } from '../sending/assets.ts'
import type { ResponseSender } from '../sending/response-sender.ts'

const PAGE_PATH = '/dashboard'

/** The page and what it loads, by names that change with the contents. */
export interface PageFiles {
  /** For `/dashboard`: addresses in it are relative, as a proxy may have put a prefix before its own. */
  readonly page: Asset
  /** The same for `/dashboard/`. */
  readonly pageInFolder: Asset
  readonly assets: ReadonlyMap<string, Asset>
}

/** What the page needs of the machine. */
export interface PageDependencies {
  /** The page's files. Rejects with an ApiFailure while there are none. */
  readonly files: () => Promise<PageFiles>
  /** Undefined = no link signs anybody in. */
  readonly development: DevelopmentSignIn | undefined
}

/** Everything comes from us, nothing stands within the page, and no text can become markup: there is no way left to turn one into the other. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

/** The dashboards' page, open to anyone as it holds no data, and the session it gets for the code of a sign-in link. */
export const pageRoutes = ({ files, development }: PageDependencies, clock: Clock, sender: ResponseSender) => {
  const issueToken = development && createDevelopmentTokenIssuer(development.key, clock)
  return new Elysia({ prefix: PAGE_PATH, detail: { hide: true } })
    .get('/', async ({ request }) => {
      const { page, pageInFolder } = await files()
      return sender.sendAsset(request, new URL(request.url).pathname.endsWith('/') ? pageInFolder : page, {
        'cache-control': 'no-cache',
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'referrer-policy': 'no-referrer',
      })
    })
    .get('/assets/:name', async ({ params: { name }, request }) => {
      const file = (await files()).assets.get(name)
      if (!file) throw new ApiFailure('NOT_FOUND', 'There is no such file.')
      return sender.sendAsset(request, file, { 'cache-control': 'public, max-age=31536000, immutable' })
    })
    .post('/session', async ({ request }) => {
      // The same answer as where there is nothing: who may not have one learns nothing.
      if (!issueToken || !development.redeem(request.headers.get(SIGN_IN_CODE_HEADER) ?? '')) throw notFound()
      return Response.json({ success: true, data: await issueToken() })
    })
}

/** The page's icon, where browsers look for one of any page: of the docs, of JSON. */
export const iconRoute = ({ files }: PageDependencies, sender: ResponseSender) =>
  new Elysia({ detail: { hide: true } }).get('/favicon.ico', async ({ request }) => {
    const icon = [...(await files()).assets].find(([name]) => name.endsWith('.svg'))?.[1]
    if (!icon) throw notFound()
    return sender.sendAsset(request, icon, { 'cache-control': 'public, max-age=86400' })
  })
