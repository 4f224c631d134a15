/** The tenants of the fuzz: all data of a tenant contains its mark. A request may contain a mark as a value, which no response returns. */
export interface Tenant {
  readonly id: string
  /** Part of the names and of some ids of the tenant. */
  readonly mark: string
  /** Number of sent messages: different for each tenant, so that no count can be that of another. */
  readonly messages: number
}

/** Two ids that differ only in case, and one with characters other than letters. */
export const TENANTS = [
  { id: 'Acme-q7', mark: 'mark-of-alpha-5c1f', messages: 90 },
  { id: 'acme-Q7', mark: 'mark-of-bravo-e93a', messages: 60 },
  { id: 'org:9_z.x', mark: 'mark-of-delta-07bd', messages: 40 },
] as const satisfies readonly Tenant[]
