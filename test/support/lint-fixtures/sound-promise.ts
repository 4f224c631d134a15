async function write(): Promise<void> {}

/** The control: the same work, awaited. */
export async function flush(): Promise<void> {
  await write()
}
