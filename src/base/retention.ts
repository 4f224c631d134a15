/** The table's TTL. */
const RETENTION_YEARS = 2

/** The start of the retention, in epoch milliseconds: older events are not stored. */
export function retentionStart(now: number): number {
  const date = new Date(now)
  date.setUTCFullYear(date.getUTCFullYear() - RETENTION_YEARS)
  return date.getTime()
}
