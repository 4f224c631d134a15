/** What the HTTP side needs of the rest of the service. */

/** Tells the version of a tenant's data: while it stays the same, so does every answer. */
export interface DataVersionSource {
  of(tenantId: string): string
}

/** An API key as it is kept: without its secret. */
export interface KeptApiKey {
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
  find(ids: readonly string[]): Promise<readonly KeptApiKey[]>
}
