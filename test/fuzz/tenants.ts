/** The tenants of the fuzz: everything that could tell of one of them carries its mark. A request may name a mark as a value, which no answer brings back. */
export interface Tenant {
  readonly id: string
  /** In the names and in some of the ids of all that the tenant has. */
  readonly mark: string
  /** Messages sent: no two tenants have as many, so that no count can be another's. */
  readonly messages: number
}

/** Two ids that differ in case alone, and one with what an id may hold beside letters. */
export const TENANTS = [
  { id: 'Acme-q7', mark: 'mark-of-alpha-5c1f', messages: 90 },
  { id: 'acme-Q7', mark: 'mark-of-bravo-e93a', messages: 60 },
  { id: 'org:9_z.x', mark: 'mark-of-delta-07bd', messages: 40 },
] as const satisfies readonly Tenant[]
