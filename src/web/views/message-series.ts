interface EngagementCounts {
  readonly sent: number
  readonly delivered: number
  readonly opened: number
  readonly clicked: number
}

/** The four steps of a message, in the colours they have everywhere. */
export const ENGAGEMENT_LINES = [
  { label: 'Sent', colour: 'sent', value: (point: EngagementCounts) => point.sent },
  { label: 'Delivered', colour: 'delivered', value: (point: EngagementCounts) => point.delivered },
  { label: 'Opened', colour: 'opened', value: (point: EngagementCounts) => point.opened },
  { label: 'Clicked', colour: 'clicked', value: (point: EngagementCounts) => point.clicked },
] as const

/** The columns that tables of messages share. */
export const ENGAGEMENT_COLUMNS = ENGAGEMENT_LINES.map(({ label, value }) => ({ label, kind: 'count' as const, value }))

/** Said wherever rates of opens and clicks are shown. */
export const RATE_NOTE =
  'Open rate = opens ÷ deliveries, click rate = clicks ÷ deliveries. Each open and click counts, so they can exceed 100 %.'

export const RATE_COLUMNS = [
  { label: 'Open rate', kind: 'rate' as const, value: (row: { readonly openRate: number }) => row.openRate },
  { label: 'Click rate', kind: 'rate' as const, value: (row: { readonly clickRate: number }) => row.clickRate },
]

/** Points of a series, each with the start of its bucket as the service writes it. */
export function bucketStartOf({ timestamp }: { readonly timestamp: string }): number {
  return Date.parse(timestamp)
}

/** A part of the largest. */
export function shareOfLargest<Row>(value: (row: Row) => number): (row: Row, rows: readonly Row[]) => number {
  return (row, rows) => value(row) / Math.max(1, ...rows.map(value))
}
