import { DAY_MS, HOUR_MS, parseDuration, SECOND_MS } from '../duration.ts'

export interface SimulateOptions {
  readonly ratePerSecond: number
  readonly tenantCount: number
  /** Undefined: no live part. Infinity: until stopped. */
  readonly liveMs: number | undefined
  readonly backfill: { readonly spanMs: number; readonly eventCount: number } | undefined
  readonly seed: number
}

/** The options of the command line, each valid by itself. */
export interface SimulateCommandLine {
  readonly rate: number
  readonly tenants: number
  readonly seed: number
  /** Seconds; 0 = until stopped. */
  readonly duration?: number
  /** Milliseconds. */
  readonly backfill?: number
  readonly backfillEvents?: number
}

export const DEFAULTS = { rate: 200, tenants: 20, seed: 7, durationSeconds: 60 }
export const MAX_DEFAULT_BACKFILL_EVENTS = 2_000_000
export const BACKFILL_EVENTS_PER_TENANT_DAY = 200
/** The service keeps events for two years and rejects older ones. */
export const MAX_BACKFILL_DAYS = 728

/** The length of a history in milliseconds; undefined when the text is none. */
export function parseBackfill(text: string): number | undefined {
  const spanMs = parseDuration(text, ['h', 'd', 'w'])
  return spanMs !== undefined && spanMs >= HOUR_MS && spanMs <= MAX_BACKFILL_DAYS * DAY_MS ? spanMs : undefined
}

/** Completes the command line with its defaults. A history has no live part unless a duration is given. */
export function simulateOptionsOf({
  rate,
  tenants,
  seed,
  duration,
  backfill,
  backfillEvents,
}: SimulateCommandLine): SimulateOptions {
  const hasLivePart = backfill === undefined || duration !== undefined
  const durationSeconds = duration ?? DEFAULTS.durationSeconds
  return {
    ratePerSecond: rate,
    tenantCount: tenants,
    seed,
    liveMs: hasLivePart ? (durationSeconds === 0 ? Infinity : durationSeconds * SECOND_MS) : undefined,
    backfill:
      backfill === undefined
        ? undefined
        : { spanMs: backfill, eventCount: backfillEvents ?? defaultBackfillEvents(tenants, backfill) },
  }
}

function defaultBackfillEvents(tenants: number, spanMs: number): number {
  const usualEvents = Math.round((tenants * spanMs * BACKFILL_EVENTS_PER_TENANT_DAY) / DAY_MS)
  return Math.min(MAX_DEFAULT_BACKFILL_EVENTS, Math.max(1, usualEvents))
}
