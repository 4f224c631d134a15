/** The choices, limits and defaults of alert rules. */
export const RULE_GRANULARITIES = ['hour', 'day', 'week'] as const
export const DETECTOR_KINDS = ['threshold', 'rareRate', 'seasonalCount', 'rateShift', 'silence'] as const
export type DetectorKind = (typeof DETECTOR_KINDS)[number]

export const RULE_LIMITS = {
  name: 200,
  emails: 20,
  webhooks: 5,
  /** The values of `splitBy`. */
  series: 100,
  settleMinutes: 1_440,
  evaluations: 100,
} as const

export const RULE_DEFAULTS = { settleMinutes: 10, for: 2, recoverAfter: 2, noData: 'keep' } as const
