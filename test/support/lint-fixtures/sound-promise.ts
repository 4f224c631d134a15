async function write(): Promise<void> {}

/** The control: the same work, waited for. */
export async function flush(): Promise<void> {
  await write()
}
