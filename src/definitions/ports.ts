/** The port of what tenants define and the service keeps: reports, schedules, alert rules. An adapter implements it for each kind. */

/** The kinds of definitions, each with the largest number that a tenant may have. */
export const DEFINITION_LIMITS = { report: 500, schedule: 500, alert: 500 } as const
export type DefinitionKind = keyof typeof DEFINITION_LIMITS

/** How many versions of a definition are kept, the current one included. */
export const KEPT_VERSIONS = 50

/** One version of a definition, as it is stored. */
export interface Definition<Body> {
  readonly tenantId: string
  /** Letters, digits and hyphens; unique among the definitions of a kind. */
  readonly id: string
  /** 1 when it is created, one more with each change. */
  readonly version: number
  /** Identifies this version of this definition: a change has to name the revision that it replaces. Positive and whole. */
  readonly revision: number
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** When this version was stored, epoch milliseconds. */
  readonly changedAt: number
  readonly body: Body
}

/** A version that is kept. The current one is the newest of them. */
export type DefinitionVersion<Body> = Omit<Definition<Body>, 'revision' | 'createdAt'>

/**
 * The definitions of one kind. Every process answers reads from its own copy, which follows changes of other processes within moments. Every method throws or rejects with a
 * DefinitionFailure: `unavailable` while there is no copy yet or, for a write, while the broker does not respond.
 */
export interface DefinitionStore<Body> {
  /** All of a tenant, the oldest first. */
  list(tenantId: string): readonly Definition<Body>[]
  /** Undefined when the tenant has none with this id. One that another process created a moment ago is found. */
  find(tenantId: string, id: string): Promise<Definition<Body> | undefined>
  /** Stores a new definition under a new id. Rejects with `limit` when the tenant has as many as it may have. */
  create(tenantId: string, body: Body): Promise<Definition<Body>>
  /** Stores the next version. Rejects with `missing` when there is none with this id, and with `conflict` when its revision is another one. */
  replace(tenantId: string, id: string, body: Body, revision: number): Promise<Definition<Body>>
  /** Removes a definition with its versions. Rejects as `replace` does. */
  remove(tenantId: string, id: string, revision: number): Promise<void>
  /** The versions of a definition, the newest first, at most `KEPT_VERSIONS`. Rejects with `missing`. */
  versions(tenantId: string, id: string): Promise<readonly DefinitionVersion<Body>[]>
}

/** The definitions of all tenants, for the parts that act on them at all times. No request may read it. */
export interface DefinitionFeed<Body> {
  /** The current copy; empty while there is none. */
  all(): readonly Definition<Body>[]
  /** Calls `listener` after each change of the copy, also after the first one is complete. Returns a function that ends this. */
  onChange(listener: () => void): () => void
}
