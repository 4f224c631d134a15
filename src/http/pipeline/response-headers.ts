/** Scripts, styles and everything else come from the service itself, and no page may frame its pages. Pages that need another policy set it themselves. */
const CONTENT_SECURITY_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

/**
 * The security headers of every response. `strict-transport-security` is opt-in: a host without TLS would be unreachable for that long, so the
 * operator of a service behind TLS sets it.
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

/** Adds the headers that the response does not set itself. Returns the same response. */
export function addMissingHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers))
    if (!response.headers.has(name)) response.headers.set(name, value)
  return response
}
