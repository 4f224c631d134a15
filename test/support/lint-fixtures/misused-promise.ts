async function write(): Promise<void> {}

/** Bad on purpose: a listener's promise goes nowhere, so its failure is lost. */
export function watch(target: EventTarget): void {
  target.addEventListener('flush', async () => {
    await write()
  })
}
