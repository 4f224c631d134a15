/** The ports of the HTTP app, which other parts of the service implement. */

/** The version of a tenant's data: while it stays the same, so does every response. */
export interface DataVersionSource {
  of(tenantId: string): string
  /** Requests the version where another process has it. Undefined when it is known; the promise never rejects. */
  load(tenantId: string): Promise<void> | undefined
}

/** An API key as it is stored: without its secret. */
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
  /** The keys with these ids that exist and are not revoked. Rejects when the store does not respond. */
  find(ids: readonly string[]): Promise<readonly StoredApiKey[]>
}

/** A request in the audit trail: without token, free text of parameters or client address. */
export interface AuditedRequest {
  /** Identifies rows that were written twice, after a failure with an unknown outcome. */
  readonly id: string
  /** Epoch milliseconds; for counted requests, when they were written. */
  readonly requestedAt: number
  /** Empty when the credentials were refused. */
  readonly tenantId: string
  /** The token's `sub`; empty when it has none. */
  readonly subject: string
  readonly route: string
  /** Names, and values of closed lists: `channel=email&limit&timeRange=30d`. */
  readonly parameters: string
  readonly status: number
  readonly durationMs: number
  /** Empty for counted requests. */
  readonly correlationId: string
  /** The number of requests that the row stands for. */
  readonly requests: number
}

/** Stores the audit trail. Rejects when the store does not respond. */
export interface RequestAuditStore {
  append(rows: readonly AuditedRequest[]): Promise<void>
}
