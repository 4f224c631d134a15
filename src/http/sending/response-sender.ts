import type { Clock } from '../../base/clock.ts'
import { type Asset, assetResponse } from './assets.ts'
import { createResponseBody } from './response-body.ts'
import { byteLengthOf, type Chunks, encodeUtf8, concatenated } from './chunks.ts'
import { negotiateEncoding, type Gzip } from './content-encoding.ts'
import type { UnreadBytes } from './unread-bytes.ts'

/** Compression of a smaller body saves less than it costs. */
const MIN_COMPRESSED_BYTES = 8_192

export interface ResponseSenderOptions {
  readonly clock: Clock
  /** Undefined where the provider compresses responses. */
  readonly gzip: Gzip | undefined
  /** Undefined where the provider buffers what clients have not read. */
  readonly unread: UnreadBytes | undefined
}

export interface ResponseContent {
  readonly chunks: Chunks
  readonly headers: Readonly<Record<string, string>>
  /** The tenant whose data it is, for the limit of unread bytes. Undefined for public content. */
  readonly tenantId?: string
  /** Whether the content is in a compressed format already. */
  readonly isCompressed?: boolean
}

/** Sends bodies of any size: compressed where that saves time and the client accepts it, and never far ahead of the client. */
export class ResponseSender {
  readonly #options: ResponseSenderOptions

  constructor(options: ResponseSenderOptions) {
    this.#options = options
  }

  get gzip(): Gzip | undefined {
    return this.#options.gzip
  }

  /** Rejects with a LimitFailure or an ApiFailure when too many large responses of the tenant, or of all, are unread. */
  async send(
    request: Request,
    { chunks, headers, tenantId = '', isCompressed = false }: ResponseContent,
  ): Promise<Response> {
    const { gzip } = this.#options
    // For every encoding, so that a cache does not confuse them.
    const responseHeaders = { vary: 'accept-encoding', ...headers }
    if (request.method === 'HEAD') return new Response(null, { headers: responseHeaders })
    const isAccepted = negotiateEncoding(request.headers.get('accept-encoding'), ['gzip']) === 'gzip'
    if (!gzip || isCompressed || !isAccepted || byteLengthOf(chunks) < MIN_COMPRESSED_BYTES)
      return new Response(this.#createBody(chunks, tenantId), { headers: responseHeaders })
    const compressed = await gzip(chunks)
    return new Response(this.#createBody([compressed], tenantId), {
      headers: { ...responseHeaders, 'content-encoding': 'gzip' },
    })
  }

  sendText(request: Request, text: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    return this.send(request, { chunks: [encodeUtf8(text)], headers })
  }

  /** An asset in an encoding that the client accepts; 304 when the client has it. */
  sendAsset(request: Request, asset: Asset, headers: Readonly<Record<string, string>>): Response {
    const { clock, unread } = this.#options
    return assetResponse(asset, request, headers, (chunks) =>
      unread ? createResponseBody(chunks, clock) : concatenated(chunks),
    )
  }

  #createBody(chunks: Chunks, tenantId: string) {
    const { clock, unread } = this.#options
    return unread
      ? createResponseBody(chunks, clock, (byteLength) => unread.reserve(tenantId, byteLength))
      : concatenated(chunks)
  }
}
