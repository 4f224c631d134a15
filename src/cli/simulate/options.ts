import { dayMs, hourMs, secondMs } from './scenarios/scenario-context.ts'

export interface SimulateOptions {
  readonly ratePerSecond: number
  readonly tenantCount: number
  /** Undefined: no live part. Infinity: until stopped. */
  readonly liveMs: number | undefined
  readonly backfill: { readonly spanMs: number; readonly eventCount: number } | undefined
  readonly seed: number
}

export const usage = `Publishes a life-like mix of events to the running service.

  npm run simulate -- [options]

  --rate N             events a second in the live part, all tenants together   (200)
  --tenants N          how many tenants; tenant-1 is the biggest                (20)
  --duration SECONDS   length of the live part; 0 = until Ctrl-C                (60; with --backfill: no live part)
  --backfill SPAN      first publish a history of that length, as fast as it is taken: 24h, 90d or 12w
  --backfill-events N  size of that history            (tenants x days x 200, at most 2,000,000)
  --seed N             other numbers make other tenants, templates and people   (7)
  --help

In the live part real delays are shortened (d seconds become d to the power of 0.25), so that opens and clicks show within a minute.
The broker is NATS_URL (with NATS_CREDS_FILE, NATS_USER and NATS_PASSWORD, or NATS_TOKEN), else the local one that npm start runs.`

const defaults = { ratePerSecond: 200, tenantCount: 20, durationSeconds: 60, seed: 7 }
const backfillEventsPerTenantDay = 200
const maxDefaultBackfillEvents = 2_000_000
/** The service keeps two years; what is older would go to its dead letters. */
const maxBackfillDays = 728

export const optionNames = ['rate', 'tenants', 'duration', 'backfill', 'backfill-events', 'seed'] as const
type OptionName = (typeof optionNames)[number]

/** A flag as it was written: without a value when none followed. */
export interface CommandLineOption {
  readonly name: string
  readonly value: string | undefined
}

/** Reads the command line; either options, or every problem with it, each a sentence. */
export function readOptions(
  options: readonly CommandLineOption[],
  positionals: readonly string[],
): { readonly options: SimulateOptions } | { readonly problems: readonly string[] } {
  const problems = positionals.map((stray) => `"${stray}" is not an option`)
  const values = new Map<OptionName, string>()
  for (const { name, value } of options) {
    const known = optionNames.find((candidate) => candidate === name)
    if (!known) problems.push(`--${name} is not an option`)
    else if (value === undefined) problems.push(`--${name} needs a value`)
    else values.set(known, value)
  }

  const readInteger = (name: OptionName, fallback: number, low: number, high: number): number => {
    const text = values.get(name)
    if (text === undefined) return fallback
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= low && value <= high) return value
    problems.push(`--${name} must be a whole number from ${low} to ${high}, not "${text}"`)
    return fallback
  }
  const ratePerSecond = readInteger('rate', defaults.ratePerSecond, 1, 100_000)
  const tenantCount = readInteger('tenants', defaults.tenantCount, 1, 10_000)
  const seed = readInteger('seed', defaults.seed, 0, 2 ** 32 - 1)
  const durationSeconds = readInteger('duration', defaults.durationSeconds, 0, 31_536_000)

  const spanMs = readSpan(values.get('backfill'), problems)
  const usualEvents = Math.round((tenantCount * (spanMs ?? 0) * backfillEventsPerTenantDay) / dayMs)
  const eventCount = readInteger(
    'backfill-events',
    Math.min(maxDefaultBackfillEvents, Math.max(1, usualEvents)),
    1,
    100_000_000,
  )
  if (values.has('backfill-events') && !values.has('backfill')) problems.push('--backfill-events needs --backfill')

  if (problems.length > 0) return { problems }
  const hasLivePart = spanMs === undefined || values.has('duration')
  return {
    options: {
      ratePerSecond,
      tenantCount,
      seed,
      liveMs: hasLivePart ? (durationSeconds === 0 ? Infinity : durationSeconds * secondMs) : undefined,
      backfill: spanMs === undefined ? undefined : { spanMs, eventCount },
    },
  }
}

function readSpan(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined
  const [, amount, unit] = /^(\d{1,6})([hdw])$/.exec(text) ?? []
  const unitMs = unit === 'h' ? hourMs : unit === 'd' ? dayMs : 7 * dayMs
  const spanMs = Number(amount) * unitMs
  if (spanMs >= hourMs && spanMs <= maxBackfillDays * dayMs) return spanMs
  problems.push(
    `--backfill must be hours, days or weeks up to ${maxBackfillDays} days, as in 24h, 90d or 12w, not "${text}"`,
  )
  return undefined
}
