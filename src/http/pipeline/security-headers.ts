/** Scripts, styles and everything else come from us, and nobody puts a page of ours into a frame. Pages that need more say so themselves. */
const CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

/**
 * What every answer says to a browser. `strict-transport-security` only when it is asked for: a host that cannot speak TLS would be out of reach for so long, and only
 * whoever puts TLS before the service knows.
 */
export function securityHeaders({ hstsSeconds }: { readonly hstsSeconds: number }): Readonly<Record<string, string>> {
  return {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(hstsSeconds > 0 ? { 'strict-transport-security': `max-age=${hstsSeconds}` } : {}),
  }
}
