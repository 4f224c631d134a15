const PAUSE_MS = 50
const MAX_PAUSE_MS = 1_000

/** Resolves after `delayMs`. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}

/**
 * Calls `probe` until it returns a truthy value, and resolves with that. Between two calls it waits for 50 ms, or for as long as the last one took, up to a second, so that
 * a query does not keep the machine from what it waits for. A probe that throws is repeated. Throws after `timeoutMs` with `what` was awaited and the last result of the probe.
 */
export async function until<T>(
  probe: () => T | Promise<T>,
  timeoutMs: number,
  what = 'the awaited state',
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const startedAt = performance.now()
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
    await pause(Math.min(MAX_PAUSE_MS, Math.max(PAUSE_MS, performance.now() - startedAt)))
  }
}
