async function write(): Promise<void> {}

/** Wrong on purpose: the write is not awaited, so that its failure is lost. */
export function flush(): void {
  write()
}
