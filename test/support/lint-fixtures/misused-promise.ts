async function write(): Promise<void> {}

/** Wrong on purpose: the promise of the listener is not awaited, so that its failure is lost. */
export function watch(target: EventTarget): void {
  target.addEventListener('flush', async () => {
    await write()
  })
}
