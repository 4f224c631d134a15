/** The sizes of the benchmarks, which environment variables override, so that a benchmark can be tried with small ones. */
const BENCH_VARIABLES = {
  /** Messages of a backlog. */
  events: ['BENCH_EVENTS', 500_000],
  /** Runs of which the median is taken. */
  runs: ['BENCH_RUNS', 3],
  /** Seconds of constant load. */
  seconds: ['BENCH_SECONDS', 60],
  /** Events in the long history. */
  history: ['BENCH_HISTORY', 200_000_000],
  /** Tenants of a history. */
  historyTenants: ['BENCH_HISTORY_TENANTS', 50],
  /** Alert rules. */
  alertRules: ['BENCH_ALERT_RULES', 10_000],
  /** Events in the history before an import. */
  importHistory: ['BENCH_IMPORT_HISTORY', 50_000_000],
  /** Events of an import. */
  imported: ['BENCH_IMPORT', 5_000_000],
  /** Events in the history that queries are asked about. */
  queryHistory: ['BENCH_QUERY_HISTORY', 50_000_000],
  /** Answers of each query of which the median is taken. */
  queryRequests: ['BENCH_QUERY_REQUESTS', 25],
} as const

type Parameter = keyof typeof BENCH_VARIABLES

export const PARAMETERS = Object.fromEntries(
  Object.entries(BENCH_VARIABLES).map(([name, [variable, standard]]) => [name, valueOf(variable, standard)]),
) as Readonly<Record<Parameter, number>>

function valueOf(variable: string, standard: number): number {
  const value = Number(process.env[variable] ?? standard)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${variable} must be a whole number of at least 1.`)
  return value
}
