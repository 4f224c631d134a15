/**
 * Workaround for servers before 2.10: a consumer has one subject filter at most, and a server before 2.10 ignores the field `filter_subjects`. There the consumer of a stream
 * with other subjects has no filter, and the service receives the other messages and skips them. Without this check the configuration that the broker reports would never
 * equal the requested one, and each start would recreate the consumer.
 */
export function supportsMultipleFilters(serverVersion: string): boolean {
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number)
  return major > 2 || (major === 2 && minor >= 10)
}
