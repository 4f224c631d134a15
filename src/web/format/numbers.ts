import { numberFormat } from './locale.ts'

export const formatCount = (count: number) => numberFormat().format(count)

/** Formats a rate in percent, 12.345 as 12.35%. */
export const formatRate = (rate: number) =>
  numberFormat({ style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(rate / 100)

/** Formats 12,300 as 12.3K, for axes. */
export const formatCompactCount = (count: number) =>
  numberFormat({ notation: 'compact', maximumFractionDigits: 1 }).format(count)

/** Formats the ratio of two counts: 0.5 as 50%, and shares below 10% with one decimal. */
export function formatShare(share: number): string {
  const digits = share > 0 && share < 0.0995 ? 1 : 0
  return numberFormat({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(share)
}

/** Formats percentage points, without their unit. */
export const formatPoints = (points: number) =>
  numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(points)

/** Formats a rate in percent with one decimal, where many stand side by side: 12.345 as 12.3%. */
export const formatShortRate = (rate: number) =>
  numberFormat({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(rate / 100)

/** Formats 12.5 as 12.5% and 12 as 12%, for axes. */
export const formatAxisRate = (rate: number) =>
  numberFormat({ style: 'percent', maximumFractionDigits: 1 }).format(rate / 100)

/** The same with up to two decimals, for axes of small rates. */
export const formatFineRate = (rate: number) =>
  numberFormat({ style: 'percent', maximumFractionDigits: 2 }).format(rate / 100)
