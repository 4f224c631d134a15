import { isTenantId } from '../../base/tenant-id.ts'
import { readRequestAudit } from '../../clickhouse/access/request-audit-store.ts'
import { InvalidStoreRequest, type StoreRequestContext } from './store-request.ts'

export const MAX_AUDIT_ROWS = 100_000

export interface AuditRequest {
  /** The empty text stands for requests without valid credentials, which have no tenant. */
  readonly tenant?: unknown
  /** Milliseconds before now. */
  readonly sinceMs?: unknown
  readonly limit?: unknown
}

/** Yields the audited requests of a tenant, newest first. Throws a StoreFailure. */
export async function* runAuditRequest(
  { tenant, sinceMs, limit }: AuditRequest,
  { store, clock }: StoreRequestContext,
): AsyncGenerator<object> {
  if (tenant !== '' && !isTenantId(tenant)) throw new InvalidStoreRequest('The tenant id is invalid.')
  if (typeof sinceMs !== 'number' || typeof limit !== 'number' || limit < 1 || limit > MAX_AUDIT_ROWS)
    throw new InvalidStoreRequest('A time and a limit are required.')
  const since = Math.max(0, clock.now() - sinceMs)
  const rows = await readRequestAudit(store.auditConnection, { tenantId: tenant, since, limit })
  for (const { id: _, requestedAt, ...rest } of rows)
    yield { requestedAt: new Date(requestedAt).toISOString(), ...rest }
}
