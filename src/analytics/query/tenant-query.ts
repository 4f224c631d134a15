export type QueryParameter = string | number | readonly string[] | readonly number[]

/**
 * One query of a dashboard. Its name is its log comment and its test's title; `parameters` fill its `{name:Type}` places, all but `tenant`, which the
 * port alone can bind. `Row` is what it returns.
 */
export interface TenantQuery<Row> {
  readonly name: string
  readonly sql: string
  readonly parameters: Readonly<Record<string, QueryParameter>>
  /** Never set: it only carries the row's type. */
  readonly row?: Row
}

/** Asks the store. The tenant is an argument of its own: a query without one does not type-check. Rejects with a StoreFailure. */
export interface QueryPort {
  query<Row>(tenantId: string, query: TenantQuery<Row>): Promise<Row[]>
}

/** Any mention of a table counts, in whatever spelling: what is not followed by its tenant is refused. */
const TABLE_REFERENCE = /analytics_\w+/gi
const TENANT_BOUND_READ =
  /\bFROM\s+analytics_\w+\s+WHERE\s+tenant_id = \{tenant:String\}(?=\s*(?:AND\b|GROUP\b|ORDER\b|LIMIT\b|\)|$))/g

/** Makes a query, and throws unless every read of a table in it is bound to the tenant right where it stands. */
export function tenantQuery<Row>(
  name: string,
  sql: string,
  parameters: TenantQuery<Row>['parameters'],
): TenantQuery<Row> {
  const reads = sql.match(TABLE_REFERENCE)?.length ?? 0
  if (reads === 0 || reads !== sql.match(TENANT_BOUND_READ)?.length)
    throw new Error(`The query ${name} reads a table without its tenant.`)
  return { name, sql, parameters }
}
