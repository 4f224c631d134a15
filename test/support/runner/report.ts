/** The totals of a JUnit report. */
export interface Report {
  readonly tests: number
  readonly failed: number
  readonly skipped: number
}

export interface StepResult {
  readonly name: string
  /** The exit status of the test runner. */
  readonly status: number
  readonly seconds: number
  /** Undefined when the runner exited before it wrote a report. */
  readonly report: Report | undefined
}

export interface Summary {
  /** One line per step and per problem; the last line is `N passed, N failed`. */
  readonly lines: readonly string[]
  readonly isGood: boolean
}

/** Reads the report in a file; undefined when there is none. */
export async function readReport(path: string): Promise<Report | undefined> {
  const file = Bun.file(path)
  return (await file.exists()) ? reportOf(await file.text()) : undefined
}

/** Reads the totals of the first `<testsuites …>` element; undefined when there is none. */
export function reportOf(xml: string): Report | undefined {
  const [head] = /<testsuites [^>]*>/.exec(xml) ?? []
  if (head === undefined) return undefined
  const total = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? Number.NaN)
  const report = { tests: total('tests'), failed: total('failures'), skipped: total('skipped') }
  return Object.values(report).some(Number.isNaN) ? undefined : report
}

/**
 * Adds up the steps of a run. A skipped test counts as failed, because it proves nothing; so does a step that failed
 * without naming a failed test, wrote no report or ran no test.
 */
export function summarise(results: readonly StepResult[]): Summary {
  const lines: string[] = []
  let passed = 0
  let failed = 0
  for (const { name, status, seconds, report = { tests: 0, failed: 0, skipped: 0 } } of results) {
    const bad = report.failed + report.skipped
    passed += report.tests - bad
    failed += bad
    lines.push(`${name}: ${report.tests - bad} passed, ${bad} failed in ${seconds} s`)
    if (report.skipped > 0) lines.push(`${name}: ${report.skipped} skipped tests count as failed.`)
    if (bad > 0 || (status === 0 && report.tests > 0)) continue
    failed += 1
    lines.push(`${name}: the test runner ended with status ${status} after ${report.tests} tests.`)
  }
  lines.push(`${passed} passed, ${failed} failed`)
  return { lines, isGood: failed === 0 && passed > 0 }
}
