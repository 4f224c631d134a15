/** Whether a client has the representation that an entity tag names, by the weak comparison of RFC 9110, 13.1.2. */
export function matchesEntityTag(etag: string, ifNoneMatch: string | null): boolean {
  if (ifNoneMatch === null) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = (one: string) => one.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((one) => opaque(one) === opaque(etag))
}
