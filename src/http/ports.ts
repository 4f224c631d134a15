/** What the HTTP side needs of the rest of the service. */

/** Tells the version of a tenant's data: while it stays the same, so does every answer. */
export interface DataVersionSource {
  of(tenantId: string): string
  /** Finds out what it is, where that takes asking others; resolves in any case. */
  load(tenantId: string): Promise<void> | undefined
}

/** An API key as it is kept: without its secret. */
export interface StoredApiKey {
  readonly id: string
  readonly tenantId: string
  /** SHA-256 of the secret, in hexadecimal. */
  readonly secretHash: string
  readonly scopes: readonly string[]
  /** Epoch milliseconds; undefined = never. */
  readonly expiresAt: number | undefined
}

export interface ApiKeySource {
  /** Those of the keys that exist and are not revoked. Rejects when nobody can tell. */
  find(ids: readonly string[]): Promise<readonly StoredApiKey[]>
}

/** What was asked, as the audit trail keeps it: no token, no free text of a parameter, no address. */
export interface AuditedRequest {
  /** Tells rows apart that were written twice, after a failure whose outcome nobody knows. */
  readonly id: string
  /** Epoch milliseconds; of counted requests, when they were counted together. */
  readonly requestedAt: number
  /** Empty where the credentials were refused. */
  readonly tenantId: string
  /** The token's `sub`; empty when it has none. */
  readonly subject: string
  readonly route: string
  /** Names, and values of closed lists: `channel=email&limit&timeRange=30d`. */
  readonly parameters: string
  readonly status: number
  readonly durationMs: number
  /** Empty where requests were counted. */
  readonly correlationId: string
  /** So many requests the row stands for. */
  readonly requests: number
}

/** Keeps the audit trail. Rejects when it cannot right now. */
export interface RequestAuditStore {
  append(rows: readonly AuditedRequest[]): Promise<void>
}
