import { expect } from 'bun:test'

/** Set to 1, it makes the tests write what they find instead of comparing it. */
const IS_UPDATE = process.env['UPDATE_SNAPSHOTS'] === '1'

/**
 * Compares `value` with the snapshot `recorded/<name>.json`: JSON with one value per line. With UPDATE_SNAPSHOTS=1 it writes the snapshot instead. A missing snapshot is
 * a failure, so that a renamed one cannot pass unnoticed.
 */
export async function expectRecorded(name: string, value: unknown): Promise<void> {
  const file = Bun.file(new URL(`recorded/${name}.json`, import.meta.url))
  const text = `${JSON.stringify(value, undefined, 2)}\n`
  if (IS_UPDATE) await file.write(text)
  const recorded = (await file.exists()) ? await file.text() : ''
  expect(changedLines(recorded, text)).toEqual([])
}

/** At most so many are shown: the rest is found with `git diff` after an update. */
const MAX_SHOWN = 40

/** Lines of only one of two texts, each with its sign, in the order of the texts. Empty only if the texts are equal. */
function changedLines(before: string, after: string): string[] {
  if (before === after) return []
  const [old, now] = [before.split('\n'), after.split('\n')]
  const counts = new Map<string, number>()
  for (const line of old) counts.set(line, (counts.get(line) ?? 0) - 1)
  for (const line of now) counts.set(line, (counts.get(line) ?? 0) + 1)
  const take = (lines: readonly string[], sign: 1 | -1) =>
    lines.filter((line) => {
      const count = counts.get(line) ?? 0
      if (Math.sign(count) === sign) counts.set(line, count - sign)
      return Math.sign(count) === sign
    })
  const changed = [...take(old, -1).map((line) => `- ${line}`), ...take(now, 1).map((line) => `+ ${line}`)]
  return changed.length === 0 ? ['The same lines stand in another order.'] : changed.slice(0, MAX_SHOWN)
}

/** The same JSON value with the keys of every object in alphabetical order. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, withSortedKeys(each)]))
}
