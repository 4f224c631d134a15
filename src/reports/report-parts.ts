/** What reports consist of, and how much of it. */
export const BLOCK_KINDS = ['query', 'funnel', 'cohort', 'dashboard'] as const
export type BlockKind = (typeof BLOCK_KINDS)[number]
export const CHARTS = ['number', 'line', 'bar', 'table', 'funnel', 'heatmap'] as const
export type Chart = (typeof CHARTS)[number]
export const REPORT_LIMITS = { blocks: 12, name: 200, title: 200, description: 2_000 } as const
