import type { Clock } from '../../clock.ts'
import { type Asset, serveAsset } from './assets.ts'
import { bodyOf } from './body.ts'
import { byteLengthOf, type Chunks, encode, joined } from './chunks.ts'
import { encodingOf, type Gzip } from './encoding.ts'
import type { UnreadBytes } from './unread-bytes.ts'

/** Smaller ones gain less than they cost. */
const MIN_COMPRESSED_BYTES = 8_192

export interface SenderOptions {
  readonly clock: Clock
  /** Undefined where whoever runs the service compresses by itself. */
  readonly gzip: Gzip | undefined
  /** Undefined where whoever runs the service holds what clients have not read. */
  readonly unread: UnreadBytes | undefined
}

export interface SentBody {
  readonly chunks: Chunks
  readonly headers: Readonly<Record<string, string>>
  /** Whose data it is: its unread bytes are counted. Undefined for what belongs to nobody. */
  readonly tenantId?: string
  /** What is compressed in itself is not compressed again. */
  readonly isCompressed?: boolean
}

/** Sends bodies of any size: compressed where that pays and the client takes it, and never far ahead of the client. */
export class Sender {
  readonly #options: SenderOptions

  constructor(options: SenderOptions) {
    this.#options = options
  }

  get gzip(): Gzip | undefined {
    return this.#options.gzip
  }

  /** Rejects with a LimitFailure or an ApiFailure when too many large responses of the tenant, or of all, are unread. */
  async send(request: Request, { chunks, headers, tenantId = '', isCompressed = false }: SentBody): Promise<Response> {
    const { gzip } = this.#options
    // Said of every form, so that a cache does not give one for the other.
    const all = { vary: 'accept-encoding', ...headers }
    if (request.method === 'HEAD') return new Response(null, { headers: all })
    const isAccepted = encodingOf(request.headers.get('accept-encoding'), ['gzip']) === 'gzip'
    if (!gzip || isCompressed || !isAccepted || byteLengthOf(chunks) < MIN_COMPRESSED_BYTES)
      return new Response(this.#bodyOf(chunks, tenantId), { headers: all })
    const compressed = await gzip(chunks)
    return new Response(this.#bodyOf([compressed], tenantId), { headers: { ...all, 'content-encoding': 'gzip' } })
  }

  sendText(request: Request, text: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    return this.send(request, { chunks: [encode(text)], headers })
  }

  /** An asset as the client takes it; 304 when the client has it. */
  sendAsset(request: Request, asset: Asset, headers: Readonly<Record<string, string>>): Response {
    const { clock, unread } = this.#options
    return serveAsset(asset, request, headers, (chunks) => (unread ? bodyOf(chunks, clock) : joined(chunks)))
  }

  #bodyOf(chunks: Chunks, tenantId: string) {
    const { clock, unread } = this.#options
    return unread ? bodyOf(chunks, clock, (byteLength) => unread.hold(tenantId, byteLength)) : joined(chunks)
  }
}
