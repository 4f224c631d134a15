import type { Api } from '../process/service.ts'
import { type Claims, token } from './tokens.ts'

export interface FileAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  /** Without the byte order mark. */
  readonly text: string
}

/** Requests a dashboard in any format, as the tenant `a` unless `claims` names another. */
export async function askForFile(
  { baseUrl, secret, fetch = globalThis.fetch }: Api,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  claims: Claims = {},
  method = 'GET',
): Promise<FileAnswer> {
  const authorization = `Bearer ${token(secret, { tenantId: 'a', ...claims })}`
  const response = await fetch(`${baseUrl}/api/v1/analytics${path}`, { method, headers: { authorization, ...headers } })
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) }
}
