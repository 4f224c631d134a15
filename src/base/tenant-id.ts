export const TENANT_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** Whether a value may be a tenant's id: 1 to 128 characters of `A-Z a-z 0-9 . _ : -`. */
export function isTenantId(value: unknown): value is string {
  return typeof value === 'string' && TENANT_ID.test(value)
}
