import type { IncomingMessage, ServerResponse } from 'node:http'
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { zstdCompressSync, zstdDecompressSync } from 'bun'
import type { Statement } from './engine.ts'
import { ClickHouseFailure } from './exceptions.ts'

type Codec = (data: Uint8Array<ArrayBuffer>) => Uint8Array
const DECODERS: Record<string, Codec> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: (data) => zstdDecompressSync(data),
}
const ENCODERS: Record<string, Codec> = {
  gzip: gzipSync,
  br: brotliCompressSync,
  zstd: (data) => zstdCompressSync(data),
  deflate: deflateSync,
}

/** URL parameters of the HTTP interface itself; all others are settings. */
const RESERVED = new Set(
  'query query_id database default_format user password quota_key role session_id session_timeout session_check close_session compress decompress stacktrace buffer_size wait_end_of_query client_protocol_version'.split(
    ' ',
  ),
)

/** Reads the whole request; throws when the connection ends first, so that an incomplete body is never applied. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const encoding = request.headers['content-encoding']
  if (encoding === undefined || body.length === 0) return body
  const decode = DECODERS[encoding]
  if (decode === undefined)
    throw new ClickHouseFailure(48, 'NOT_IMPLEMENTED', `Unknown compression method: ${encoding}`)
  return Buffer.from(decode(new Uint8Array(body)))
}

/** A server's `http_max_field_value_size`: it limits URL parameters and form fields, and a request cannot raise it. */
const MAX_FIELD_BYTES = 131_072

export async function readStatementRequest(request: IncomingMessage, url: URL, body: Buffer): Promise<Statement> {
  const fields = new URLSearchParams(url.search)
  const contentType = request.headers['content-type'] ?? ''
  let data = body
  if (contentType.startsWith('multipart/form-data')) {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
    for (const [name, value] of form) if (typeof value === 'string') fields.append(name, value)
    data = Buffer.alloc(0)
  }
  const entries = [...fields]
  if (entries.some(([, value]) => Buffer.byteLength(value) > MAX_FIELD_BYTES))
    throw new ClickHouseFailure(1000, 'POCO_EXCEPTION', 'HTML Form Exception: Field value too long')
  return {
    text: Buffer.from(fields.getAll('query').join('')),
    body: data,
    queryId: fields.get('query_id') || crypto.randomUUID(),
    database: fields.get('database') ?? header(request, 'x-clickhouse-database'),
    settings: entries.filter(([name]) => !RESERVED.has(name) && !name.startsWith('param_')),
    parameters: entries
      .filter(([name]) => name.startsWith('param_'))
      .map(([name, value]) => [name.slice('param_'.length), value] as const),
    defaultFormat: fields.get('default_format') ?? header(request, 'x-clickhouse-format') ?? 'TabSeparated',
    readOnly: request.method === 'GET',
  }
}

export function readCredentials(request: IncomingMessage, url: URL): { user: string; password: string } {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (basic !== undefined) {
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString().split(':')
    return { user, password: password.join(':') }
  }
  return {
    user: header(request, 'x-clickhouse-user') ?? url.searchParams.get('user') ?? 'default',
    password: header(request, 'x-clickhouse-key') ?? url.searchParams.get('password') ?? '',
  }
}

/** Sends `body`, compressed when the client requested it in both places that ClickHouse requires. */
export function send(request: IncomingMessage, response: ServerResponse, url: URL, body: Uint8Array): void {
  const accepted = (request.headers['accept-encoding'] ?? '').split(',').map((part) => part.split(';')[0]?.trim() ?? '')
  const wanted = url.searchParams.get('enable_http_compression') === '1'
  const encoding = wanted ? accepted.find((name) => name in ENCODERS) : undefined
  if (encoding !== undefined) response.setHeader('Content-Encoding', encoding)
  const encode = encoding === undefined ? undefined : ENCODERS[encoding]
  response.end(encode === undefined ? body : encode(new Uint8Array(body)))
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
