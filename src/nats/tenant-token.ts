import { isTenantId } from '../base/tenant-id.ts'

/** Characters that a tenant id may contain and a name on the broker may not, and the underscore, with which each escape starts. */
const ESCAPES: Readonly<Record<string, string>> = { _: '__', '.': '_d', ':': '_c' }
const UNESCAPED = new Map(Object.entries(ESCAPES).map(([character, escape]) => [escape, character]))

/** Encodes a tenant id as a name on the broker. (Percent-encoding does not work: the server uses the consumer's name as a format string.) */
export function tokenOf(tenantId: string): string {
  return tenantId.replace(/[_.:]/g, (character) => ESCAPES[character]!)
}

/** The tenant id of a token; undefined when it is no encoded tenant id. */
export function tenantOfToken(token: string): string | undefined {
  const tenantId = token.replace(/_[_dc]/g, (escape) => UNESCAPED.get(escape)!)
  return isTenantId(tenantId) && tokenOf(tenantId) === token ? tenantId : undefined
}
