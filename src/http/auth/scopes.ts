/** Allows reading dashboards and live streams. */
export const READ_SCOPE = 'analytics:read'
/** Allows downloading files. */
export const EXPORT_SCOPE = 'analytics:export'
/** Allows reading single events, messages and contacts. */
export const CONTACTS_SCOPE = 'analytics:contacts'
/** Allows changing reports, schedules and alert rules. A token without scopes does not have it. */
export const WRITE_SCOPE = 'analytics:write'

/** The scopes that a credential may have. API keys have no others; other scopes of a token are ignored. */
export const SCOPES = [READ_SCOPE, EXPORT_SCOPE, CONTACTS_SCOPE, WRITE_SCOPE, 'analytics:admin'] as const
export type Scope = (typeof SCOPES)[number]

/** The scopes that each scope includes. */
const INCLUDED_SCOPES: Readonly<Record<Scope, readonly Scope[]>> = {
  [READ_SCOPE]: [READ_SCOPE],
  [EXPORT_SCOPE]: [EXPORT_SCOPE],
  [CONTACTS_SCOPE]: [CONTACTS_SCOPE],
  [WRITE_SCOPE]: [WRITE_SCOPE],
  'analytics:admin': SCOPES,
}

export function isScope(text: string): text is Scope {
  return Object.hasOwn(INCLUDED_SCOPES, text)
}

/** The given scopes with those that they include; unknown scopes are ignored. */
export function expandScopes(scopes: readonly string[]): ReadonlySet<Scope> {
  return new Set(scopes.filter(isScope).flatMap((scope) => INCLUDED_SCOPES[scope]))
}
