import { Elysia } from 'elysia'
import { ROUTES } from '../routes.ts'
import { type Asset, createAsset } from '../sending/assets.ts'
import { encodeUtf8 } from '../sending/chunks.ts'
import type { ResponseSender } from '../sending/response-sender.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

/** `GET /docs/events.json`: the AsyncAPI document of the events, for producers. */
export const eventsDocumentRoute = (document: object, sender: ResponseSender) => {
  let asset: Asset | undefined
  return new Elysia({ detail: { hide: true } }).get(ROUTES.eventsDocument.path, async ({ request }) => {
    // Only a finished asset is kept: on an edge runtime, a request that waits for another one can wait for ever.
    asset ??= await createAsset(JSON_TYPE, encodeUtf8(JSON.stringify(document)), sender.gzip)
    return sender.sendAsset(request, asset, { 'cache-control': 'public, no-cache' })
  })
}
