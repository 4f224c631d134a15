/**
 * Calls webhooks. The name is resolved once and its addresses are checked; the connection goes to a checked address, so that a name which resolves to another address the next
 * time gains nothing.
 */
import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { CallWebhook, WebhookRequest, WebhookResult } from '../alerts/ports.ts'
import { isPublicAddress, parseIpAddress } from '../base/addresses/ip-address.ts'

const TIMEOUT_MS = 10_000

export interface WebhookClientOptions {
  /** Whether private and loopback addresses may be called. */
  readonly allowsPrivate: boolean
  /** All addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

export function createWebhookClient({ allowsPrivate, resolve = resolveHost }: WebhookClientOptions): CallWebhook {
  return async (request, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    try {
      const url = new URL(request.url)
      const host = url.hostname.replace(/^\[|\]$/g, '')
      const addresses = isIP(host) ? [host] : await untilAborted(resolve(host), limit)
      const [address] = addresses
      if (address === undefined) return { kind: 'failed', error: 'The name has no address.' }
      if (!allowsPrivate && !addresses.every(isPublicText))
        return { kind: 'refused', error: 'The name has a private or loopback address, which is not called.' }
      return await post(url, { host, address }, request, limit)
    } catch (error) {
      return { kind: 'failed', error: limit.aborted ? 'There was no answer in time.' : failureText(error) }
    }
  }
}

/** The tenant reads it: texts of the runtime may name what is behind the address. */
function failureText(error: unknown): string {
  const { code } = error as { readonly code?: unknown }
  if (typeof code !== 'string') return 'The connection failed.'
  if (code === 'ECONNREFUSED' || code === 'ConnectionRefused') return 'The connection was refused.'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'The connection was closed before there was an answer.'
  if (/^(?:ENOTFOUND|EAI_|DNS_|ESERVFAIL|ENODATA)/.test(code)) return 'The name cannot be resolved.'
  return /CERT|TLS|SSL|SIGNATURE/.test(code) ? 'The certificate cannot be trusted.' : 'The connection failed.'
}

async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

function isPublicText(text: string): boolean {
  const address = parseIpAddress(text)
  return address !== undefined && isPublicAddress(address)
}

function post(
  url: URL,
  { host, address }: { readonly host: string; readonly address: string },
  { headers, body }: WebhookRequest,
  signal: AbortSignal,
): Promise<WebhookResult> {
  const isTls = url.protocol === 'https:'
  const bytes = new TextEncoder().encode(body)
  return new Promise((resolve, reject) => {
    const sent = (isTls ? requestHttps : requestHttp)(
      {
        host: address,
        port: url.port || (isTls ? 443 : 80),
        // The certificate has to be that of the name, not of the address.
        ...(isTls && !isIP(host) && { servername: host }),
        method: 'POST',
        path: url.pathname + url.search,
        headers: { ...headers, host: url.host, 'content-length': bytes.byteLength },
        agent: false,
        signal,
      },
      (response) => {
        // The status is all that counts: the rest of the answer is not read.
        resolve({ kind: 'response', status: response.statusCode ?? 0 })
        response.on('error', () => {})
        sent.destroy()
      },
    )
    sent.on('error', reject)
    sent.end(bytes)
  })
}

function untilAborted<Result>(task: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return Promise.race([
    task,
    new Promise<never>((_, reject) => {
      const abort = () => reject(new Error('There was no answer in time.'))
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
    }),
  ])
}
