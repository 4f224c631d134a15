async function write(): Promise<void> {}

/** Bad on purpose: nobody waits for the write, so its failure is lost. */
export function flush(): void {
  write()
}
