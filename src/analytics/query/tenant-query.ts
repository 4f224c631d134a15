export type QueryParameter = string | number | readonly string[] | readonly number[]

/**
 * A query of a tenant's events. Its name is its log comment and the title of its test. `parameters` are the values of its `{name:Type}` placeholders except `tenant`, which
 * only the port binds. `Row` is the type of the rows of its result.
 */
export interface TenantQuery<Row> {
  readonly name: string
  readonly sql: string
  readonly parameters: Readonly<Record<string, QueryParameter>>
  /** Never set: it only carries the type of the rows. */
  readonly row?: Row
}

/** Executes queries. The tenant is a separate argument: a query without a tenant does not type-check. Rejects with a StoreFailure. */
export interface QueryPort {
  /** An aborted query rejects with the reason of its signal: it no longer waits for its turn, and the store ends it where it can. */
  query<Row>(tenantId: string, query: TenantQuery<Row>, signal?: AbortSignal): Promise<Row[]>
}

/** Any mention of a table, in upper or lower case. */
const TABLE_REFERENCE = /analytics_\w+/gi
const TENANT_BOUND_READ =
  /\bFROM\s+analytics_\w+\s+WHERE\s+tenant_id = \{tenant:String\}(?=\s*(?:AND\b|GROUP\b|ORDER\b|LIMIT\b|\)|$))/g

/** Creates a query. Throws unless each mention of a table is a read that is followed by the condition on the tenant. */
export function tenantQuery<Row>(
  name: string,
  sql: string,
  parameters: TenantQuery<Row>['parameters'],
): TenantQuery<Row> {
  const reads = sql.match(TABLE_REFERENCE)?.length ?? 0
  if (reads === 0 || reads !== sql.match(TENANT_BOUND_READ)?.length)
    throw new Error(`The query ${name} reads a table without the condition on its tenant.`)
  return { name, sql, parameters }
}
