import type { RawAnswer } from '../../support/http/raw-http.ts'
import { askRaw } from '../../support/http/raw-http.ts'
import { authorizationOf, type Credential } from './credentials.ts'

/** One request as sent, and its expected response. It is plain JSON, so that a failure can be printed and repeated. */
export interface FuzzRequest {
  /** The path in the document, or a description of the attempt. */
  readonly about: string
  readonly method: string
  readonly target: string
  /** One header per line, besides Authorization; `Host` is added. */
  readonly headers: readonly string[]
  readonly credential: Credential
  readonly body?: string
  readonly expected: Expected
}

export type Expected =
  /** 200, with the numbers that follow from the stored events. `asked` contains the decoded parameters. */
  | { readonly is: 'answer'; readonly asked: Readonly<Record<string, string>> }
  /** 400 that names at least one of these parameters and no other. */
  | { readonly is: 'invalid'; readonly names: readonly string[] }
  /** The one 401. */
  | { readonly is: 'unauthorized' }
  /** One of these statuses, as a failure of the service. */
  | { readonly is: 'refused'; readonly statuses: readonly number[] }
  /** Any response that is not an internal error and reveals nothing. The runtime may refuse invalid HTTP with an empty response. */
  | { readonly is: 'harmless'; readonly isHttp: boolean }

/** The address of the service and the secret for its tokens. */
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

/** Encodes parameters as the query string of an address; decoding gives the same parameters. */
export function queryOf(pairs: readonly (readonly [name: string, value: string])[]): string {
  const encoded = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return encoded.length > 0 ? `?${encoded.join('&')}` : ''
}
