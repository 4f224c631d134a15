import { Elysia } from 'elysia'
import type { Clock } from '../clock.ts'
import { ApiFailure } from '../errors.ts'
import { createDevelopmentTokens, type DevelopmentKey, mayHaveDevelopmentToken } from './development-session.ts'
import { contextOf } from './request-context.ts'
import type { Asset } from './sending/assets.ts'
import type { Sender } from './sending/sender.ts'

const PAGE_PATH = '/dashboard'
/** Where the page's files are. */
export const ASSETS_PATH = `${PAGE_PATH}/assets/`

/** The page and what it loads, by names that change with the contents. */
export interface PageFiles {
  readonly page: Asset
  readonly assets: ReadonlyMap<string, Asset>
}

/** What the page needs of the machine. */
export interface PageParts {
  /** The page's files, for assets below this path. */
  readonly files: (assetsPath: string) => Promise<PageFiles>
  /** The key made for development. Undefined = nobody is signed in by being on this machine. */
  readonly development: DevelopmentKey | undefined
}

/** Everything comes from us, nothing stands within the page, and no text can become markup: there is no way left to turn one into the other. */
const CSP =
  "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

/** The dashboards' page, open to anyone as it holds no data, and the session it gives to developers on their own machine. */
export const pageRoutes = ({ files, development }: PageParts, clock: Clock, sender: Sender) => {
  const giveToken = development && createDevelopmentTokens(development, clock)
  return new Elysia({ prefix: PAGE_PATH, detail: { hide: true } })
    .get('/', async ({ request }) =>
      sender.sendAsset(request, (await files(ASSETS_PATH)).page, {
        'cache-control': 'no-cache',
        'content-security-policy': CSP,
        'referrer-policy': 'no-referrer',
      }),
    )
    .get('/assets/:name', async ({ params: { name }, request }) => {
      const file = (await files(ASSETS_PATH)).assets.get(name)
      if (!file) throw new ApiFailure('NOT_FOUND', 'There is no such file.')
      return sender.sendAsset(request, file, { 'cache-control': 'public, max-age=31536000, immutable' })
    })
    .post('/session', async ({ request }) => {
      // The same answer as where there is nothing: who may not have one learns nothing.
      if (!giveToken || !mayHaveDevelopmentToken(request.headers, contextOf(request).client))
        throw new ApiFailure('NOT_FOUND', 'There is nothing here. GET / says where things are.')
      return Response.json({ success: true, data: await giveToken() })
    })
}
