/** The result of `npm audit --json`: no serious finding, findings, or no answer of the registry. */
export interface Verdict {
  readonly kind: 'clean' | 'findings' | 'unknown'
  /** One sentence each. */
  readonly sentences: readonly string[]
}

interface Report {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly range: string }>>
  readonly message?: string
}

const SEVERE = ['high', 'critical']

/**
 * Any output that is not a report (no network, a registry without advisories, text instead of JSON) is `unknown`, never `clean`, because the packages were not checked.
 */
export function verdictOf(output: string): Verdict {
  let report: Report
  try {
    report = JSON.parse(output) as Report
  } catch {
    return { kind: 'unknown', sentences: ['npm audit gave no report.'] }
  }
  if (typeof report?.vulnerabilities !== 'object')
    return {
      kind: 'unknown',
      sentences: [`The registry cannot be asked for advisories (${report?.message?.split(' - ')[0] ?? 'no report'}).`],
    }
  const found = Object.entries(report.vulnerabilities).filter(([, { severity }]) => SEVERE.includes(severity))
  if (found.length === 0) return { kind: 'clean', sentences: [] }
  return {
    kind: 'findings',
    sentences: found.map(([name, { severity, range }]) => `${name} ${range} has an advisory of severity ${severity}.`),
  }
}
