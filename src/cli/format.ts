/** How the commands write numbers: `1,234`, `1 line`, `2:05`. */

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** A number with its noun, in English: `1 line`, `1,234 lines`. */
export function pluralise(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Minutes and seconds: `2:05`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.round(durationMs / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
