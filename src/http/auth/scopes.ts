/** What a credential may be good for. API keys are made with these only; of a token's scopes the others are nobody's business here. */
export const SCOPES = ['analytics:read', 'analytics:export', 'analytics:admin'] as const
export type Scope = (typeof SCOPES)[number]

/** What each scope allows: the one place that says it. */
const INCLUDED_SCOPES: Readonly<Record<Scope, readonly Scope[]>> = {
  'analytics:read': ['analytics:read'],
  'analytics:export': ['analytics:export'],
  'analytics:admin': ['analytics:admin', 'analytics:read', 'analytics:export'],
}

export function isScope(text: string): text is Scope {
  return Object.hasOwn(INCLUDED_SCOPES, text)
}

/** All that these scopes allow; unknown ones are ignored. */
export function expandScopes(scopes: readonly string[]): ReadonlySet<Scope> {
  return new Set(scopes.filter(isScope).flatMap((scope) => INCLUDED_SCOPES[scope]))
}
