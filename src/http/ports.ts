/** What the HTTP side needs of the rest of the service. */

/** Tells the version of a tenant's data: while it stays the same, so does every answer. */
export interface DataVersionSource {
  of(tenantId: string): string
}
