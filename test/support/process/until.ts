/** Resolves after `delayMs`. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

/**
 * Calls `probe` every 50 ms until it returns a truthy value, and resolves with that. A probe that throws is
 * repeated. Throws after `timeoutMs` with `what` was awaited and the last result of the probe.
 */
export async function until<T>(
  probe: () => T | Promise<T>,
  timeoutMs: number,
  what = 'the awaited state',
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let last: unknown
    try {
      const value = await probe()
      if (value) return value
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) {
      throw new Error(`Timed out after ${timeoutMs} ms waiting for ${what}; last: ${String(last)}`)
    }
    await pause(50)
  }
}
