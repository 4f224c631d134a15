/** A number with what it counts, in English: `1 line`, `1,234 lines`. */
export function pluralise(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`
}
