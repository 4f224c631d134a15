/** Runs a task for each item, at most `size` at a time. Rejects with the first failure. */
export async function inBatches<Item>(
  items: readonly Item[],
  size: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += size) await Promise.all(items.slice(start, start + size).map(task))
}
