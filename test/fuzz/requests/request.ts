import type { RawAnswer } from '../../support/http/raw-http.ts'
import { askRaw } from '../../support/http/raw-http.ts'
import { authorizationOf, type Credential } from './credentials.ts'

/** One request as it goes over the wire, and what has to come of it. It is plain JSON, so that a failure can be printed and repeated. */
export interface FuzzRequest {
  /** The path in the document that it is about, or what else it tries. */
  readonly about: string
  readonly method: string
  readonly target: string
  /** One a line, beside Authorization; `Host` is added. */
  readonly headers: readonly string[]
  readonly credential: Credential
  readonly body?: string
  readonly expected: Expected
}

export type Expected =
  /** 200, and the numbers that follow from what was stored. `asked` are its parameters, decoded. */
  | { readonly is: 'answer'; readonly asked: Readonly<Record<string, string>> }
  /** 400 that names at least one of these, and nothing else. */
  | { readonly is: 'invalid'; readonly names: readonly string[] }
  /** The one 401. */
  | { readonly is: 'unauthorized' }
  /** One of these, as a failure of ours. */
  | { readonly is: 'refused'; readonly statuses: readonly number[] }
  /** Anything that is no failure of the service and shows nothing. What is no HTTP may be refused by the runtime, without a word of ours. */
  | { readonly is: 'harmless'; readonly isHttp: boolean }

/** Where requests go and what signs them. */
export interface Target {
  readonly port: number
  readonly secret: string
}

export function send({ port, secret }: Target, request: FuzzRequest): Promise<RawAnswer> {
  const { method, target, headers, credential, body = '' } = request
  const hasLength = headers.some((line) => /^(content-length|transfer-encoding):/i.test(line))
  const length = body === '' || hasLength ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  const all = ['Host: localhost', ...authorizationOf(credential, secret), ...headers, ...length]
  return askRaw(port, `${method} ${target} HTTP/1.1`, all, body)
}

/** Parameters as pairs of an address, each encoded; decoded again they are the same. */
export function queryOf(pairs: readonly (readonly [name: string, value: string])[]): string {
  const encoded = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return encoded.length > 0 ? `?${encoded.join('&')}` : ''
}
