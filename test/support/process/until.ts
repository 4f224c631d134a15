/** Resolves after `delayMs`. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

/**
 * Asks `probe` every 50 ms until it gives something truthy, and resolves with that. A probe that throws has not
 * succeeded yet. Throws when `timeoutMs` are over, with `what` was awaited and what the probe said last.
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
